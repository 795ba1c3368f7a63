package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

// Shown is how many offices the page has at most, and unfolded how many of them are open at
// first if all is well.
const (
	Shown    = 200
	unfolded = 6
)

// pageView is what the template shows.
type pageView struct {
	Title, Version string
	CSS            template.CSS
	JS             template.JS
	Now            instant
	Up             string
	State, Tone    string
	Summary        string
	Offices        []officeView
	Left           int
	Latency        bool // a chart has it
}

type officeView struct {
	ID, Name    string
	State, Tone string
	Lead        []any // texts and instants
	Troubles    []trouble
	Figures     []figure
	Chart       chart
	Events      []event
	More        int
	Facts       []fact
	Open        bool
}

// trouble is what is wrong now, and what to do about it.
type trouble struct {
	Tone, Title, Advice string
	Detail              []any
}

// figure is a number with what it is of.
type figure struct {
	Name string
	Is   []any
	Note string
}

type fact struct {
	Name string
	Is   []any
	Wide bool
}

func view(d Data) pageView {
	v := pageView{
		Title: d.Title, Version: d.Version, CSS: template.CSS(css), JS: template.JS(js),
		Now: instant{d.Now}, Up: span(d.Now.Sub(d.Started)), State: "Not ready", Tone: "bad",
	}
	ready := 0
	for _, o := range d.Offices {
		if o.Ready {
			ready++
		}
	}
	switch {
	case d.Draining:
		v.State, v.Tone = "Ending", "warn"
	case d.Ready && ready < len(d.Offices):
		v.State, v.Tone = "Ready, in part", "warn"
	case d.Ready:
		v.State, v.Tone = "Ready", "good"
	}
	v.Summary = fmt.Sprintf("%d of %s ready", ready, plural(len(d.Offices), "office", "offices"))
	offices := slices.Clone(d.Offices)
	slices.SortStableFunc(offices, func(a, b Office) int { return cmp.Compare(a.rank(), b.rank()) })
	if len(offices) > Shown {
		v.Left, offices = len(offices)-Shown, offices[:Shown]
	}
	for i, o := range offices {
		o.past = o.Record.At(d.Now)
		shown := o.view(i)
		shown.Open = i < unfolded || o.rank() < 2
		v.Offices = append(v.Offices, shown)
		v.Latency = v.Latency || o.past.Calls.Count > 0
	}
	return v
}

// rank is where an office stands: those in trouble come first.
func (o Office) rank() int {
	switch r := o.Status.Redis; {
	case !o.Ready && (o.Status.Failure != nil || o.Status.State == status.Closed):
		return 0
	case r != nil && !r.Up && !r.Since.IsZero():
		return 1
	}
	return 2
}

func (o Office) view(i int) officeView {
	now, st := o.past.Now, o.Status
	v := officeView{ID: "office-" + strconv.Itoa(i), Name: o.Name, Troubles: o.troubles(), Figures: o.figures(), Facts: o.facts()}
	v.Chart = o.chart()
	v.Events, v.More = events(o.past)
	switch st.State {
	case status.Fresh, status.Due:
		v.State, v.Tone = "Token valid", "good"
		v.Lead = []any{"until ", instant{st.Expiry}, ", " + span(st.Expiry.Sub(now)) + " left"}
		if len(v.Troubles) > 0 {
			v.Tone = "warn"
		}
	case status.Failed:
		v.State, v.Tone = "No token", "bad"
	case status.Closed:
		v.State, v.Tone = "Closed", "bad"
	default:
		if o.Ready {
			v.State, v.Tone = "Idle", "idle"
			v.Lead = []any{"no token, as nobody needs one; the next call gets one"}
		} else if st.Failure != nil {
			v.State, v.Tone = "No token", "bad"
		} else {
			v.State, v.Tone = "Not asked yet", "idle"
			v.Lead = []any{"it is asked for a token by /readyz, or by the first call"}
		}
	}
	return v
}

// troubles says what is wrong now. A failure that a token has followed is over.
func (o Office) troubles() (all []trouble) {
	st := o.Status
	var open record.Span
	if n := len(o.past.Failures); n > 0 && !o.past.Failures[n-1].Over {
		open = o.past.Failures[n-1]
	}
	if !open.From.IsZero() && st.State != status.Closed {
		all = append(all, o.failing(open))
	}
	if r := st.Redis; r != nil && !r.Up && !r.Since.IsZero() {
		t := trouble{
			Tone: "warn", Title: "Redis is down", Detail: []any{"since ", instant{r.Since}, ", " + span(o.past.Now.Sub(r.Since))},
			Advice: "Calls go on with the tokens of this process. Start Redis; nothing else is to be done.",
		}
		if r.PendingWrites > 0 {
			t.Detail = append(t.Detail, "; "+plural(r.PendingWrites, "write waits", "writes wait")+" for it")
		}
		all = append(all, t)
	}
	return all
}

func (o Office) failing(f record.Span) trouble {
	st, t := o.Status, trouble{Tone: "bad", Title: "Token requests fail", Advice: advice(f)}
	if f.Refused {
		t.Title = "Token requests are refused"
	}
	if f.Reason != reason.Unknown {
		t.Title += ": " + f.Reason.String()
	}
	t.Detail = []any{plural(f.Count, "attempt", "attempts") + " since ", instant{f.From}}
	switch {
	case st.State == status.Failed:
		t.Detail = append(t.Detail, ", the next one at ", instant{f.Next})
	case st.Fingerprint != "":
		t.Tone = "warn"
		t.Detail = append(t.Detail, "; the token that is there serves until ", instant{st.Expiry})
	default:
		t.Detail = append(t.Detail, ", the next call tries again")
	}
	return t
}

// advice says what to do about a failure.
func advice(f record.Span) string {
	text := f.Reason.Advice()
	switch {
	case text != "":
		return string(text[0]-'a'+'A') + text[1:] + "."
	case f.Refused:
		return "The gateway takes none of the credentials and does not say which: compare each of them with what the vendor and the office say. advoware doctor finds what is misspelt."
	}
	return "The gateway does not answer, or not as it should. It is tried again by itself; advoware doctor says what is in the way."
}

func (o Office) figures() []figure {
	s, past := o.Stats, o.past
	hour, lookups, waits := uint64(0), uint64(0), uint64(0)
	for _, slot := range past.Slots {
		if past.Now.Sub(slot.Begin) <= time.Hour {
			hour += uint64(slot.Calls)
		}
		lookups += uint64(slot.Lookups)
		waits += uint64(slot.Waits)
	}
	all := []figure{
		{"Hit rate, 24 h", []any{rate(lookups-min(waits, lookups), lookups)}, number(waits) + " of " + number(lookups) + " waited"},
		{"Calls", []any{number(s.Calls)}, number(hour) + " in the last hour"},
	}
	if n := past.Calls.Count; n > 0 {
		all = append(all, figure{"Call, median", []any{took(past.Calls.Quantile(.5))}, "99 % within " + took(past.Calls.Quantile(.99))})
	}
	request := figure{"Token request", []any{took(past.Fetches.Quantile(.5))}, "median of " + number(past.Fetches.Count)}
	if past.Fetches.Count == 0 {
		request.Note = "none by this process"
	}
	all = append(all, request)
	renewal := figure{"Next renewal", []any{"–"}, "none is planned"}
	if r := o.Status.Renewal; !r.IsZero() {
		renewal.Is, renewal.Note = []any{instant{r}}, "in "+span(r.Sub(past.Now))+", if it is used"
		if !r.After(past.Now) {
			renewal.Note = "due"
		}
	}
	return append(all, renewal)
}

// facts are what is known beside that.
func (o Office) facts() []fact {
	st := o.Status
	var all []fact
	add := func(name string, is ...any) { all = append(all, fact{Name: name, Is: is}) }
	if st.Fingerprint != "" {
		add("Token", st.Fingerprint)
	}
	if st.Redis != nil {
		is := []any{"not used yet"}
		if r := st.Redis; !r.Since.IsZero() {
			is = []any{map[bool]string{true: "works since ", false: "down since "}[r.Up], instant{r.Since}}
			if r.PendingWrites > 0 {
				is = append(is, ", "+plural(r.PendingWrites, "write", "writes")+" pending")
			}
		}
		add("Redis", is...)
		add("Token in Redis", string(cmp.Or(st.Far, "no")))
	}
	if st.Lease != "" {
		add("Fetching now", map[bool]string{true: "this process", false: st.Lease}[st.Lease == "self"])
	}
	if !st.Discovered.IsZero() {
		add("Address confirmed", instant{st.Discovered})
	}
	add("401 answers", number(o.Stats.API401))
	if f := st.Failure; f != nil {
		last := record.Span{Refused: f.Refused, Reason: reason.Parse(f.Reason)}
		add("Last failure", instant{f.At}, ": "+what(last)+". "+advice(last))
		all[len(all)-1].Wide = true
	}
	return all
}
