package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// register is the state of the model. Its zero value is where that begins. The maps are
// never changed once they are made.
type register struct {
	token   string               // "" if there is none
	until   map[string]time.Time // when each earlier token was there, at the latest
	by      map[string]process   // what each process did
	written map[string]int       // how often each token was written by another program
}

// process is what the model knows of one process.
type process struct {
	last    string         // the token it got last
	avoided map[string]int // tokens that it has left or rejected, and how often they had been written then
}

// next returns the register after a step, or why that step cannot be.
func (r register) next(s *step) (register, string) {
	switch {
	case s.isRead():
		return r.read(s)
	case s.mayWrite():
		return r.write(s)
	case s.Kind == chaos.RejectOp:
		return r.reject(s), ""
	default: // chaos.DeleteOp
		return r.without(s.end), ""
	}
}

func (r register) read(s *step) (register, string) {
	p := r.by[s.Process]
	until, was := r.until[s.Token]
	written, avoided := p.avoided[s.Token]
	switch {
	case s.from == origin{}:
		return r, "nobody wrote that token"
	case s.from.identity != s.Identity:
		return r, fmt.Sprintf("the token is for %s, and not for %s", s.from.identity, s.Identity)
	case s.Kind == chaos.RefreshOp && s.from.asked.Before(s.begin) && s.from.issued.Before(s.begin):
		return r, "the token was requested before the Refresh began"
	case avoided && written == r.written[s.Token]:
		return r, "the process had left or rejected that token"
	case s.Token != r.token && !was:
		return r, "that token has not been written yet"
	case s.Token != r.token && until.Before(s.since):
		return r, fmt.Sprintf("that token was no longer there at %s, and %s was too late for it", clock(until), clock(s.begin))
	}
	if p.last != s.Token {
		if p.last != "" {
			p = p.avoid(p.last, r.written[p.last])
		}
		p.last = s.Token
		r.by = with(r.by, s.Process, p)
	}
	return r, ""
}

func (r register) write(s *step) (register, string) {
	foreign := s.Kind == chaos.SetOp
	if !foreign && r.token != "" && s.origins[r.token].issued.After(s.from.issued.Add(sameIssue)) {
		return r, "a token that was issued later stands"
	}
	r = r.without(s.end)
	r.token = s.Token
	if foreign {
		r.written = with(r.written, s.Token, r.written[s.Token]+1)
	}
	return r, ""
}

// reject returns the register after a Reject. It is empty if it had the token, unless the
// process could not tell the others.
func (r register) reject(s *step) register {
	r.by = with(r.by, s.Process, r.by[s.Process].avoid(s.Token, r.written[s.Token]))
	if s.Token == r.token && s.calm && s.Error == "" {
		r = r.without(s.end)
	}
	return r
}

// without returns the register without its token, which it had until then at the latest.
func (r register) without(until time.Time) register {
	if r.token != "" {
		r.until = with(r.until, r.token, until)
	}
	r.token = ""
	return r
}

func (p process) avoid(token string, written int) process {
	p.avoided = with(p.avoided, token, written)
	return p
}

// with returns a copy of a map in which key has that value.
func with[V any](of map[string]V, key string, value V) map[string]V {
	all := maps.Clone(of)
	if all == nil {
		all = make(map[string]V)
	}
	all[key] = value
	return all
}

func (r register) equal(o register) bool {
	return r.token == o.token && maps.Equal(r.until, o.until) && maps.Equal(r.written, o.written) &&
		maps.EqualFunc(r.by, o.by, func(p, q process) bool { return p.last == q.last && maps.Equal(p.avoided, q.avoided) })
}

// String is what the picture shows.
func (r register) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.by)) {
		parts = append(parts, name+" has "+cmp.Or(r.by[name].last, "none"))
	}
	return cmp.Or(r.token, "empty") + "; " + strings.Join(parts, ", ")
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05.000") }

// describe is what the picture shows of a step.
func describe(s *step) string {
	switch {
	case s.Kind == chaos.RejectOp:
		return "reject " + s.Token
	case s.Kind == chaos.DeleteOp:
		return "DEL"
	case s.Kind == chaos.SetOp:
		return "SET " + s.Token
	case s.Kind == chaos.FetchOp:
		return "write " + s.Token
	}
	return fmt.Sprintf("%s -> %s", s.Kind, s.Token)
}

var model = porcupine.Model{
	Init: func() any { return register{} },
	Step: func(state, input, _ any) (bool, any) {
		next, why := state.(register).next(input.(*step))
		return why == "", next
	},
	Equal: func(a, b any) bool { return a.(register).equal(b.(register)) },
	Hash: func(state any) uint64 {
		r := state.(register)
		sum := fnv.New64a()
		fmt.Fprint(sum, r.token, len(r.until), len(r.by))
		for _, name := range slices.Sorted(maps.Keys(r.by)) {
			fmt.Fprint(sum, r.by[name].last, len(r.by[name].avoided))
		}
		return sum.Sum64()
	},
	DescribeOperation: func(input, _ any) string { return describe(input.(*step)) },
	DescribeState:     func(state any) string { return state.(register).String() },
}
