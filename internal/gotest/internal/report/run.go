package report

import (
	"slices"
	"strings"
	"time"
)

// event is a line of `go test -json`; see `go doc test2json` and `go help buildjson`.
type event struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64 // seconds
	ImportPath  string  // of what is built
	FailedBuild string
}

// run is one `go test -json`.
type run struct {
	Source
	report   *Report
	packages map[string]*pkg
	builds   map[string]string // what the compiler said
}

func (r *run) take(e event) {
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] += e.Output
		return
	case "build-fail":
		return // the package that needs it fails
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{name: e.Package, label: r.Label, began: r.report.now(), output: map[string]*strings.Builder{}, state: map[string]string{}, since: map[string]time.Time{}}
		r.packages[e.Package] = p
		r.report.running = append(r.report.running, p)
	}
	if e.Test != "" {
		if e.Action == "run" && r.Begun != nil {
			r.Begun()
		}
		r.report.takeTest(p, e)
		return
	}
	switch e.Action {
	case "output":
		p.say("", e.Output)
	case "pass", "fail", "skip":
		delete(r.packages, e.Package)
		if r.CPU != nil {
			p.cpu = r.CPU(e.Package)
		}
		r.report.finish(p, e, r.builds[e.FailedBuild])
	}
}

// end tells of packages that began and did not end: the command was ended.
func (r *run) end() {
	for _, p := range r.packages {
		r.report.finish(p, event{Action: "fail"}, "gotest: "+p.name+" was ended before its tests were\n")
	}
}

func (r *Report) takeTest(p *pkg, e event) {
	switch e.Action {
	case "run":
		p.state[e.Test], p.since[e.Test] = "run", r.now()
		p.tests = append(p.tests, e.Test)
	case "pause":
		p.state[e.Test] = "pause"
	case "cont":
		p.state[e.Test], p.since[e.Test] = "run", r.now()
	case "output":
		p.say(e.Test, e.Output)
	case "pass", "fail", "skip":
		p.state[e.Test] = e.Action
		if e.Action == "skip" && !strings.Contains(e.Test, "/") {
			r.skipped = append(r.skipped, "SKIP "+p.short()+" "+e.Test+": "+p.reason(e.Test))
		}
		if strings.Contains(e.Test, "/") {
			return // printed with the test that it belongs to
		}
		r.tests++
		if e.Action == "fail" {
			p.named = true
			r.fail(p.short()+" "+e.Test, p.failure(e.Test)+"    in "+p.name+p.label+"\n")
		}
		p.forget(e.Test)
	}
}

// finish tells of a package that is done.
func (r *Report) finish(p *pkg, e event, built string) {
	r.running = slices.DeleteFunc(r.running, func(other *pkg) bool { return other == p })
	if e.Action == "skip" {
		return // it has no tests
	}
	r.done++
	r.times = append(r.times, took{p.short(), time.Duration(e.Elapsed * float64(time.Second)), p.cpu})
	lines := p.text("")
	if e.Action == "fail" {
		var text strings.Builder
		text.WriteString(built)
		name := p.short()
		p.named = p.named && built == ""
		for _, t := range slices.Clone(p.tests) { // those that a panic or the time limit ended
			if !strings.Contains(t, "/") {
				if p.state[t] == "run" {
					name += " " + t
					p.named = false
				}
				text.WriteString(p.failure(t))
			}
		}
		if text.WriteString(lines); !strings.Contains(lines, "FAIL\t") {
			text.WriteString("FAIL\t" + p.name + "\n")
		}
		if p.label != "" {
			text.WriteString("    in " + p.name + p.label + "\n")
		}
		if p.named { // its tests are named, it need not be
			name = ""
		}
		r.fail(name, text.String())
		return
	}
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, "ok  \t") {
			_, _ = r.out.Write([]byte(line))
		}
	}
}
