package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/machine"
	"github.com/advoware-go/advoware/benchmarks/study/picture"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// example is a study of two scenarios, one of them with two stores, of which one fails for a
// while.
func example() *report.Study {
	runs := []report.Run{
		{Scenario: "outage", Title: "Redis is killed", Store: "redis", Load: subject.Lookup, Failed: 7},
		{Scenario: "outage", Title: "Redis is killed", Store: "tiered", Load: subject.Lookup},
		{Scenario: "cold", Title: "Cold start", Store: "tiered", Load: subject.Call, Processes: 4},
	}
	for i := range runs {
		r := &runs[i]
		r.TokenLatency, r.Duration, r.Slot = 1500*time.Millisecond, 10*time.Second, time.Second
		for n := range 10 {
			r.Slots = append(r.Slots, report.Slot{Calls: 5, Max: time.Duration(1+n+i) * 200 * time.Microsecond})
		}
		r.Events = []event.Event{
			{Kind: event.Scene, At: 3 * time.Second, Text: "Redis killed"}, {Kind: event.Scene, At: 3 * time.Second, Text: "Redis killed"},
			{Kind: event.Scene, At: 4 * time.Second, Text: "Redis started"}, {Kind: event.Token, At: 5 * time.Second, Text: "not a scene"},
		}
	}
	runs[0].Slots[3], runs[0].Slots[4] = report.Slot{Failed: 3}, report.Slot{Failed: 4}
	runs[1].Slots[3] = report.Slot{} // none was due
	runs[2].Duration, runs[2].Slot = time.Second, 100*time.Millisecond
	return &report.Study{Runs: runs, Machine: machine.Machine{OS: "linux", Arch: "amd64", CPU: "Example", Cores: 2, Go: "go1.26.8"}}
}

func drawn(t *testing.T, s *report.Study, scheme report.Scheme) string {
	t.Helper()
	var b bytes.Buffer
	if err := picture.Write(&b, s, scheme); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// textsOf returns the texts of a picture, and fails if it is not XML.
func textsOf(t *testing.T, svg string) []string {
	t.Helper()
	var all []string
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			all = append(all, string(text))
		}
	}
}

var anyColour = regexp.MustCompile(`#[0-9a-f]{6}\b`)

// The two pictures of a study differ in their colours, all of which are the page's.
func TestPictures(t *testing.T) {
	s := example()
	light, dark := drawn(t, s, report.Light), drawn(t, s, report.Dark)
	if strings.Count(light, ">Redis killed<") != 2 || strings.Contains(light, "not a scene") {
		t.Error("a scene is not shown once in each of the two panels")
	}
	if light == dark || anyColour.ReplaceAllString(light, "") != anyColour.ReplaceAllString(dark, "") {
		t.Error("light and dark differ in something else than their colours")
	}
	all := strings.Join(textsOf(t, light), "\n")
	for _, want := range []string{"redis", "tiered", "calls fail", "Redis is killed", "Redis started", "token lookups · request 1.5 s", "Cold start", "whole calls · request 1.5 s · 4 processes", "10 s", "400 ms", "1 ms", s.Machine.Line()} {
		if !strings.Contains(all, want) {
			t.Errorf("the picture does not say %q:\n%s", want, all)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "<no value>", `""`, "http://www.w3.org/1999", "href"} {
		if strings.Contains(light, bad) {
			t.Errorf("the picture has %s", bad)
		}
	}
}

// Where calls were due and none succeeded, a line has a gap; where they fail, there is a bar.
func TestPictureShowsFailures(t *testing.T) {
	s := example()
	s.Runs = s.Runs[:2]
	curve := regexp.MustCompile(`<path class="curve" stroke="#[0-9a-f]+" d="(M[^"]+L[^"]+)"`)
	lines := curve.FindAllStringSubmatch(drawn(t, s, report.Light), -1)
	if len(lines) != 2 || strings.Count(lines[0][1], "M") != 2 || strings.Count(lines[1][1], "M") != 1 {
		t.Errorf("%d lines, want one with a gap and one without: %q", len(lines), lines)
	}
	if n := strings.Count(drawn(t, s, report.Light), `height="5"`); n != 2 {
		t.Errorf("%d bars, want the one in the legend and one over the failures", n)
	}
}

// However many stores there are and whatever their names, the legend stays in the picture, and
// each that fails has a row of bars of its own, in the plot.
func TestPictureOfManyStores(t *testing.T) {
	s := example()
	fails := s.Runs[0]
	fails.Slots = slices.Repeat([]report.Slot{{Failed: 1}, {Calls: 1, Max: time.Millisecond}}, 5)
	s.Runs = nil
	for i := range 40 {
		r := fails
		r.Store = strings.Repeat("long", i%9) + "-" + strconv.Itoa(i)
		s.Runs = append(s.Runs, r)
	}
	svg := drawn(t, s, report.Light)
	rows := make(map[string]bool)
	for _, m := range regexp.MustCompile(`<text class="name" x="([\d.]+)" dx="26" y="([\d.]+)" dy="4.5">([^<]+)<`).FindAllStringSubmatch(svg, -1) {
		x, err := strconv.ParseFloat(m[1], 64)
		if err != nil || x+26+7*float64(len(m[3])) > 836 {
			t.Errorf("%s at %s, %v", m[3], m[1], err)
		}
		rows[m[2]] = true
	}
	if len(rows) < 3 {
		t.Errorf("40 names are in %d rows", len(rows))
	}
	rows = make(map[string]bool)
	for _, m := range regexp.MustCompile(`<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="5" fill="#\w+"/>`).FindAllStringSubmatch(svg, -1) {
		rows[m[1]] = true
	}
	if len(rows) != 15 {
		t.Errorf("the bars of 40 stores are in %d rows", len(rows))
	}
}

// What was measured by others is XML too, whatever it is.
func TestPictureOfAnything(t *testing.T) {
	for name, change := range map[string]func(*report.Study){
		"nothing": func(s *report.Study) { s.Runs = nil },
		"names": func(s *report.Study) {
			for i := range s.Runs {
				r := &s.Runs[i]
				r.Title, r.Scenario = "</text><script>alert(1)</script>\x01\xff&", "<"+r.Scenario
				r.Events = append(r.Events, event.Event{Kind: event.Scene, At: -1, Text: `"<&\x00`}, event.Event{Kind: event.Scene, At: 1 << 62, Text: "late"})
			}
		},
		"no call":  func(s *report.Study) { s.Runs = s.Runs[:1]; clear(s.Runs[0].Slots) },
		"no slots": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Slots = nil },
		"a moment": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Duration = 1 },
		"a lifetime": func(s *report.Study) {
			s.Runs = s.Runs[:1]
			s.Runs[0].Duration = 1<<63 - 1
			s.Runs[0].Slots[0].Max = 1<<63 - 1
		},
		"the past": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Slots[0].Max = -5 },
	} {
		t.Run(name, func(t *testing.T) {
			s := example()
			change(s)
			svg := drawn(t, s, report.Dark)
			for _, text := range textsOf(t, svg) {
				if strings.Contains(text, "NaN") {
					t.Error(text)
				}
			}
			if strings.Contains(svg, "<script") || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Error(svg)
			}
		})
	}
}
