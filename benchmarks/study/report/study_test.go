package report_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

func TestJSONComesBack(t *testing.T) {
	s := example(t)
	var text bytes.Buffer
	if err := s.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	back, err := report.ReadJSON(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := back.WriteJSON(&again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), again.Bytes()) {
		t.Error("it comes back as another one")
	}
	for i, r := range back.Runs {
		if h := r.Latency.Histogram; h.Count() != s.Runs[i].Latency.Count || h.At(.99) != s.Runs[i].Latency.P99 {
			t.Errorf("%s with %s: the histogram says %d calls, p99 %v", r.Scenario, r.Store, h.Count(), h.At(.99))
		}
	}
	for _, bad := range []string{"", "{}", `{"format":"advoware-study/0"}`, "[]"} {
		if _, err := report.ReadJSON(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is a study", bad)
		}
	}
}

// What cannot be shown is refused in a line that says where to look.
func TestJSONThatIsNotAStudyInFull(t *testing.T) {
	s := example(t)
	s.Runs = s.Runs[:2]
	var text bytes.Buffer
	if err := s.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		spoil func(run map[string]any)
		want  string
	}{
		"no histogram":       {func(run map[string]any) { delete(run["lag"].(map[string]any), "histogram") }, "lag: there is no histogram"},
		"no spread":          {func(run map[string]any) { delete(run, "uncorrected") }, "uncorrected: there is no histogram"},
		"a broken histogram": {func(run map[string]any) { run["failures"].(map[string]any)["histogram"] = "bm9uc2Vuc2U=" }, "failures: load: histogram: "},
		"a wrong count":      {func(run map[string]any) { run["latency"].(map[string]any)["count"] = 7 }, "latency: the count is 7, but the histogram has 3000"},
		"a wrong type":       {func(run map[string]any) { run["latency"].(map[string]any)["p50_ns"] = "1 ms" }, "latency.p50_ns"},
		"no store":           {func(run map[string]any) { delete(run, "store") }, "store: it is empty"},
		"no scenario":        {func(run map[string]any) { run["scenario"] = "" }, "scenario: it is empty"},
		"twice":              {func(run map[string]any) { run["store"] = "memory" }, "(steady with memory): it is there twice"},
		"no duration":        {func(run map[string]any) { delete(run, "duration_ns") }, "duration_ns: it is not above 0"},
		"no slot":            {func(run map[string]any) { run["slot_ns"] = 0 }, "slot_ns: it is not above 0"},
		"too many slots":     {func(run map[string]any) { run["slot_ns"] = 1e9 }, "slots: there are more than the duration has"},
		"a strange rate":     {func(run map[string]any) { run["hit_rate"] = 2 }, "hit_rate: it is not from 0 to 1"},
		"less than nothing":  {func(run map[string]any) { run["failed"] = -1 }, "failed: it is negative"},
	} {
		var study map[string]any
		if err := json.Unmarshal(text.Bytes(), &study); err != nil {
			t.Fatal(err)
		}
		tt.spoil(study["runs"].([]any)[1].(map[string]any))
		spoilt, err := json.Marshal(study)
		if err != nil {
			t.Fatal(err)
		}
		_, err = report.ReadJSON(bytes.NewReader(spoilt))
		if err == nil || !strings.HasPrefix(err.Error(), "report: run 2 (") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want run 2 and %q", name, err, tt.want)
		}
	}
}

// summary returns the summary of a study, its first row being the names.
func summary(t *testing.T, s *report.Study) [][]string {
	t.Helper()
	var text bytes.Buffer
	if err := s.WriteSummaryCSV(&text); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The names are a promise to the tools that read them.
func TestSummaryCSV(t *testing.T) {
	s := example(t)
	rows := summary(t, s)
	want := "scenario store load partial rate_per_s duration_ns workers processes token_latency_ns planned done failed unfinished " +
		"token_requests api_401 token_hits token_waits hit_rate mean_ns p50_ns p90_ns p99_ns p999_ns p9999_ns max_ns " +
		"uncorrected_p50_ns uncorrected_p99_ns uncorrected_max_ns lag_p99_ns lag_max_ns " +
		"api_latency_ns uncorrected_p90_ns held_up_after_ns held_up uncorrected_held_up on_time_rate " +
		"redis_latency_ns discovery_latency_ns discovery_requests tenants spread"
	if got := strings.Join(rows[0], " "); got != want {
		t.Errorf("the names are\n%s\nwant\n%s", got, want)
	}
	if len(rows) != 1+len(s.Runs) {
		t.Fatalf("%d rows for %d runs", len(rows), len(s.Runs))
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for i, r := range s.Runs {
		row := rows[i+1]
		if column(row, "scenario") != r.Scenario || column(row, "store") != r.Store || column(row, "failed") != strconv.Itoa(r.Failed) ||
			column(row, "p99_ns") != strconv.FormatInt(int64(r.Latency.P99), 10) {
			t.Errorf("%v is not %s with %s", row, r.Scenario, r.Store)
		}
		var got []string
		for _, name := range strings.Fields("redis_latency_ns discovery_latency_ns discovery_requests tenants spread") {
			got = append(got, column(row, name))
		}
		want := map[string]string{"slow": "20000000 0 0 0 ", "discovery": "0 200000000 2 0 ", "tenants": "0 0 0 1000 zipf"}
		if got := strings.Join(got, " "); got != cmp.Or(want[r.Scenario], "0 0 0 0 ") {
			t.Errorf("%s with %s: what only some scenarios have is %q", r.Scenario, r.Store, got)
		}
	}
}

func TestTimelineCSV(t *testing.T) {
	s := example(t)
	var text bytes.Buffer
	if err := s.WriteTimelineCSV(&text); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], " "); got != "scenario store at_ns calls failed p50_ns p99_ns max_ns hits waits" {
		t.Errorf("the names are %s", got)
	}
	calls, hits, waits := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for _, row := range rows[1:] {
		for i, sum := range map[int]map[string]int64{3: calls, 4: calls, 8: hits, 9: waits} {
			n, err := strconv.ParseInt(row[i], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum[row[0]+row[1]] += n
		}
	}
	for _, r := range s.Runs {
		name := r.Scenario + r.Store
		if calls[name] != int64(r.Done) || hits[name] != r.Hits || waits[name] != r.Waits {
			t.Errorf("%s with %s: %d calls, not %d; %d hits, not %d; %d waits, not %d", r.Scenario, r.Store, calls[name], r.Done, hits[name], r.Hits, waits[name], r.Waits)
		}
	}
}

func TestTable(t *testing.T) {
	s := example(t)
	s.Partial, s.Runs[0].Partial = true, true
	wide := &s.Runs[1] // as wide as it gets
	wide.Done, wide.TokenRequests, wide.Failed, wide.Unauthorized = 1_000_000, 1_000_000, 1_000_000, 1_000_000
	wide.HeldUp, wide.HeldUpUncorrected, wide.Hits, wide.HitRate = 1, 999_999, 999_999, .999999
	var text bytes.Buffer
	if err := s.WriteTable(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"p99.99", "memory*", "outage with memory was skipped: the store does not use Redis", "broken off",
		"linux/amd64, Example CPU, 2 cores, GOMAXPROCS 2, go1.26.8, Redis 7.0.15, 0123456789",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("there is no %q in\n%s", want, &text)
		}
	}
	lines := strings.Split(text.String(), "\n")
	for _, table := range [][]string{lines[:1+2*len(s.Runs)], lines[2+2*len(s.Runs):][:1+len(s.Runs)]} {
		for _, l := range table {
			if width := len([]rune(l)); width == 0 || width > 100 || width != len([]rune(table[0])) {
				t.Errorf("the table is not straight, or wider than 100 columns:\n%s", &text)
				break
			}
		}
	}
	for _, l := range lines {
		if len([]rune(l)) > 100 && !strings.Contains(l, s.Machine.CPU) {
			t.Errorf("this is wider than 100 columns: %s", l)
		}
	}
}

// What is in the report is all that it needs, nothing in it ends an element early, and
// every figure is there without a script.
func TestHTMLStandsAlone(t *testing.T) {
	s := example(t)
	var text bytes.Buffer
	if err := s.WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	if text.Len() > 1_800_000 {
		t.Errorf("it has %d bytes", text.Len())
	}
	doc, err := html.Parse(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var (
		charts, headings []string
		raw              string
		policy           bool
	)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := make(map[string]string)
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			switch a.Key {
			case "src", "srcset", "data", "action", "poster", "background":
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			case "href":
				if !strings.HasPrefix(a.Val, "#") && a.Val != "data:," {
					t.Errorf("<%s href=%q>", n.Data, a.Val)
				}
			case "style":
				if strings.Contains(a.Val, "url(") {
					t.Errorf("<%s style=%q>", n.Data, a.Val)
				}
			}
		}
		switch {
		case n.Data == "style" && regexp.MustCompile(`url\(|@import`).MatchString(content(n)):
			t.Error("the style sheet refers to something else")
		case n.Data == "script" && attr["id"] == "raw":
			raw = content(n)
		case n.Data == "script" && attr["id"] == "charts" && !json.Valid([]byte(content(n))):
			t.Error("the charts are no JSON")
		case n.Data == "h2":
			headings = append(headings, content(n))
		case n.Data == "meta" && attr["http-equiv"] == "Content-Security-Policy":
			policy = strings.Contains(attr["content"], "default-src 'none'")
		case n.Data == "b" && content(n) == "it's down":
			t.Error("the text of an error has become markup")
		}
		if strings.Contains(attr["class"], "chart") {
			charts = append(charts, attr["id"])
		}
	}
	if !policy {
		t.Error("nothing forbids the network")
	}
	if want := []string{"At a glance", "Steady load", "Cold start", "Tokens expire", "401 storm", "Redis is killed", "Redis far away", "Large answers", "Many tenants", "An office that moves", "A fleet starts cold", "How to read this"}; !reflect.DeepEqual(headings, want) {
		t.Errorf("headings %q", headings)
	}
	for _, r := range s.Runs {
		if !slices.Contains(charts, "timeline-"+r.Scenario) || !slices.Contains(charts, "percentiles-"+r.Scenario) || !slices.Contains(charts, "hits-"+r.Scenario) {
			t.Errorf("%s has no charts: %v", r.Scenario, charts)
		}
	}
	back, err := report.ReadJSON(strings.NewReader(raw))
	if err != nil || len(back.Runs) != len(s.Runs) {
		t.Errorf("the figures inside cannot be read: %v", err)
	}
}

func content(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// The report says in words what the figures say: the example has a second of silence
// in the cold start, and failures in the outage.
func TestObservations(t *testing.T) {
	var text bytes.Buffer
	if err := example(t).WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(text.String())
	for _, want := range []string{
		"No call failed.",
		"A loop that waits for each answer before it makes the next call would have said",
		"Calls failed: ", "most of them with “</script><b>it's down</b>”",
		"Token requests: 1 with redis, 1 with tiered.",
		"one call is a whole call of the API",
		"500 calls/s for 6 s",
		"Redis is 20 ms away", "discovery takes 200 ms", "Discovery requests: 2 with memory", "1,000 tenants, called by zipf spread",
		"Not played",
		"anything under 45 ns",
	} {
		if !strings.Contains(strings.ToLower(page), strings.ToLower(want)) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

// An empty study and one whose calls all failed can be written too.
func TestOddStudies(t *testing.T) {
	s := example(t)
	for i := range s.Runs {
		r := &s.Runs[i]
		r.Latency, r.Uncorrected = s.Runs[0].Failures, s.Runs[0].Failures // of which there are none
		r.Failed, r.Hits, r.Waits, r.Events = r.Done, 0, 0, nil
		for j := range r.Slots {
			r.Slots[j] = report.Slot{Failed: 1}
		}
	}
	bare := example(t)
	for i := range bare.Runs {
		r := &bare.Runs[i]
		for _, sp := range []*report.Spread{&r.Latency, &r.Uncorrected, &r.Failures, &r.Lag} {
			sp.Histogram = nil
		}
	}
	for name, s := range map[string]*report.Study{"empty": {Format: report.Format}, "failed": s, "without histograms": bare} {
		var text bytes.Buffer
		for _, write := range []func() error{
			func() error { return s.WriteHTML(&text) }, func() error { return s.WriteJSON(&text) },
			func() error { return s.WriteTable(&text) }, func() error { return s.WriteSummaryCSV(&text) },
		} {
			if err := write(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The charts library is the one that its README and the script say.
func TestEChartsIsWhatItSays(t *testing.T) {
	code, err := os.ReadFile("echarts/echarts.common.min.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(code)
	for _, file := range []string{"echarts/README.md", "echarts/get.sh"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), hex.EncodeToString(sum[:])) {
			t.Errorf("%s has another SHA-256 than %x", file, sum)
		}
	}
	if bytes.Contains(code, []byte("</script")) {
		t.Error("it would end the script element")
	}
}

// Whoever reads the files with a tool finds every name in the documentation.
func TestDocumentationNamesEverything(t *testing.T) {
	text, err := os.ReadFile("../../docs/study.md")
	if err != nil {
		t.Fatal(err)
	}
	s := example(t)
	find(t, s, "expiry", "memory").Life = subject.Life{Lifetime: 1, Guard: 1, Margin: 1}
	s.Machine.Modified, s.Error = true, "broken"
	var columns, timeline, fields bytes.Buffer
	if err := errors.Join(s.WriteSummaryCSV(&columns), s.WriteTimelineCSV(&timeline), s.WriteJSON(&fields)); err != nil {
		t.Fatal(err)
	}
	header := func(b *bytes.Buffer) []string {
		line, _, _ := strings.Cut(b.String(), "\n")
		return strings.Split(line, ",")
	}
	names := append(header(&columns), header(&timeline)...)
	for _, m := range regexp.MustCompile(`(?m)^ *"(\w+)": `).FindAllStringSubmatch(fields.String(), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("study.md does not name %s", name)
		}
	}
}
