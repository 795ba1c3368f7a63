package page

import (
	"slices"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

// listed is how many events are listed.
const listed = 40

// event is a line of the list, which says what the charts show.
type event struct {
	At   instant
	Tone string
	Text string
}

// events returns the last ones, the latest first, and how many more there are.
func events(p record.Snapshot) (all []event, more int) {
	add := func(s record.Span, tone, text string) { all = append(all, event{instant{s.From}, tone, text}) }
	for _, s := range p.Tokens {
		text := map[record.Origin]string{record.Fetched: "Token fetched", record.Renewed: "Token renewed ahead of its end", record.Shared: "Token taken over from another process"}[s.Origin]
		if s.Took > 0 {
			text += " in " + took(s.Took)
		}
		add(s, "good", text+" ("+s.Token+")")
	}
	for _, s := range p.Failures {
		tone, text := "warn", "Token request failed"
		if s.Refused {
			tone, text = "bad", "Token request refused"
		}
		if s.Reason != reason.Unknown {
			text += ": " + s.Reason.String()
		}
		if s.Count > 1 {
			text += ", " + number(s.Count) + " times"
		}
		add(s, tone, text+lasted(s, p))
	}
	for _, s := range p.Redis {
		add(s, "redis", "Redis down"+lasted(s, p))
	}
	for _, s := range p.Rejections {
		add(s, "bad", "The API refused "+plural(s.Count, "token", "tokens")+" (401)")
	}
	slices.SortStableFunc(all, func(a, b event) int { return b.At.Compare(a.At.Time) })
	if len(all) > listed {
		more, all = len(all)-listed, all[:listed]
	}
	return all, more
}

func lasted(s record.Span, p record.Snapshot) string {
	if !s.Over {
		return ", for " + span(p.Now.Sub(s.From)) + " now"
	}
	return ", over after " + span(s.To.Sub(s.From))
}

// what names failed token requests.
func what(s record.Span) string {
	switch {
	case s.Reason != reason.Unknown:
		return s.Reason.String()
	case s.Refused:
		return "refused"
	}
	return "no answer that could be used"
}
