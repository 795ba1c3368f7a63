package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// timedOut is how the testing package begins to tell that tests took too long.
const timedOut = "panic: test timed out after "

var (
	goroutine = regexp.MustCompile(`^goroutine \d+ (?:gp=\S+ m=\S+ )?\[(.+)\]:$`)
	waited    = regexp.MustCompile(`, \d+ minutes`)
	frame     = regexp.MustCompile(`^([\w./~-]+(?:\.|/).*)\(.*\)$`)
	place     = regexp.MustCompile(`([^/\s]+:\d+)(?: \+0x[0-9a-f]+)?$`)
)

// stuck is what some goroutines do, all of them the same.
type stuck struct {
	state  string // what they wait for
	frames []string
	own    bool // some of it is no package of Go's own
	many   int
}

// timeless reports whether they keep the time of their bubble from passing, which is what hangs a
// test with virtual time: they wait for a mutex, the network or a file. The runtime calls the
// others durable.
func (s *stuck) timeless() bool {
	return strings.Contains(s.state, "synctest bubble") && !strings.Contains(s.state, "(durable)")
}

// rank orders what is shown.
func (s *stuck) rank() int {
	if s.timeless() {
		return 0
	}
	return 1
}

// hang returns which tests a time limit ended, and what the goroutines wait for, in some lines: all
// of them are thousands. It returns "" if there was none.
func hang(text string) string {
	at := strings.Index(text, timedOut)
	if at < 0 {
		return ""
	}
	head, dump, _ := strings.Cut(text[at:], "\n\n")
	var groups []*stuck
	for block := range strings.SplitSeq(dump, "\n\n") {
		s := parse(block)
		if s == nil || !s.own && !s.timeless() || s.state == "running" {
			continue
		}
		same := slices.IndexFunc(groups, func(g *stuck) bool {
			return g.state == s.state && slices.Equal(g.frames, s.frames)
		})
		if same >= 0 {
			groups[same].many++
			continue
		}
		groups = append(groups, s)
	}
	slices.SortStableFunc(groups, func(a, b *stuck) int { return a.rank() - b.rank() })
	var out strings.Builder
	out.WriteString(head + "\n")
	for i, g := range groups {
		if i == hangs {
			fmt.Fprintf(&out, "and %d other kinds of goroutines\n", len(groups)-i)
			break
		}
		note := ""
		if g.timeless() {
			note = ", so that time does not pass in the bubble"
		}
		fmt.Fprintf(&out, "%d × %s%s\n", g.many, g.state, note)
		for _, f := range g.frames {
			out.WriteString("\t" + f + "\n")
		}
	}
	return out.String()
}

// How many kinds of goroutines are shown, and how many calls of each.
const (
	hangs = 8
	calls = 6
)

// parse reads a goroutine as the runtime prints it, nil if it is none.
func parse(block string) *stuck {
	lines := strings.Split(strings.TrimSpace(block), "\n")
	m := goroutine.FindStringSubmatch(lines[0])
	if m == nil {
		return nil
	}
	s := &stuck{state: waited.ReplaceAllString(m[1], ""), many: 1}
	for i := 1; i+1 < len(lines); i += 2 {
		call, created := lines[i], strings.HasPrefix(lines[i], "created by ")
		if created {
			call, _, _ = strings.Cut(strings.TrimPrefix(call, "created by "), " in goroutine ")
		} else if f := frame.FindStringSubmatch(call); f != nil {
			call = f[1]
		}
		path, _, _ := strings.Cut(call, "/")
		ours := strings.Contains(path, ".") && strings.Contains(call, "/")
		s.own = s.own || ours && !strings.Contains(lines[i+1], "/pkg/mod/")
		if !ours && (strings.HasPrefix(call, "runtime.") || strings.HasPrefix(call, "sync.") ||
			strings.HasPrefix(call, "internal/") || strings.HasPrefix(call, "testing.")) || len(s.frames) == calls {
			continue
		}
		if created {
			call = "created by " + call
		}
		if at := place.FindStringSubmatch(lines[i+1]); at != nil {
			call += " " + at[1]
		}
		s.frames = append(s.frames, call)
	}
	return s
}
