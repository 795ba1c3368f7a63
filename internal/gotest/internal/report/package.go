package report

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pkg is a package whose tests run.
type pkg struct {
	name   string
	label  string
	began  time.Time
	named  bool                 // a test of it failed, and is named
	cpu    time.Duration        // of its tests, when they are done
	tests  []string             // that have begun and are not forgotten, subtests too
	state  map[string]string    // the last action of each
	since  map[string]time.Time // when it began, or went on
	output map[string]*strings.Builder
}

// kept is how much of what one test prints is kept.
const kept = 1 << 20

// say adds to what a test prints, or the package itself.
func (p *pkg) say(test, text string) {
	b := p.output[test]
	if b == nil {
		b = new(strings.Builder)
		p.output[test] = b
	}
	if b.Len() <= kept {
		if b.WriteString(text); b.Len() > kept {
			b.WriteString("\n[the rest is left out]\n")
		}
	}
}

func (p *pkg) text(test string) string {
	if b := p.output[test]; b != nil {
		return b.String()
	}
	return ""
}

// failure is what a test printed, with those of its subtests that did not pass.
func (p *pkg) failure(test string) string {
	var text strings.Builder
	for _, t := range p.tests {
		if t == test || strings.HasPrefix(t, test+"/") && p.state[t] != "pass" && p.state[t] != "skip" {
			for line := range strings.Lines(p.text(t)) {
				if !strings.HasPrefix(line, "=== ") {
					text.WriteString(line)
				}
			}
		}
	}
	return text.String()
}

// forget drops all that is known of a test.
func (p *pkg) forget(test string) {
	for i := len(p.tests) - 1; i >= 0; i-- {
		if t := p.tests[i]; t == test || strings.HasPrefix(t, test+"/") {
			delete(p.output, t)
			delete(p.state, t)
			delete(p.since, t)
			p.tests = slices.Delete(p.tests, i, i+1)
		}
	}
}

// longest is the test that has been under way longest, and how long.
func (p *pkg) longest(now time.Time) string {
	text, begun := "", now
	for _, t := range p.tests {
		if p.state[t] == "run" && !strings.Contains(t, "/") && p.since[t].Before(begun) {
			begun = p.since[t]
			text = " (" + t + " " + seconds(now.Sub(begun)) + ")"
		}
	}
	return text
}

// header is what comes before the text of a t.Skip.
var header = regexp.MustCompile(`^\s+\S+\.go:\d+: `)

// reason is the last thing that a test logged before it was skipped.
func (p *pkg) reason(test string) string {
	why := "no reason is given"
	for line := range strings.Lines(p.text(test)) {
		if at := header.FindString(line); at != "" {
			why = strings.TrimSpace(line[len(at):])
		}
	}
	return why
}

// short is the name within the module.
func (p *pkg) short() string {
	_, name, found := strings.Cut(p.name, "github.com/advoware-go/advoware/")
	if !found {
		name = path.Base(p.name)
	}
	return name + p.label
}
