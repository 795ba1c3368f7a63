package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// script is a history, written down in seconds.
type script struct {
	t     *testing.T
	lines bytes.Buffer
	last  int
}

var zero = time.Unix(1_000_000, 0)

func at(seconds float64) time.Time {
	return zero.Add(time.Duration(seconds * float64(time.Second)))
}

// entry writes a line. What it does not say is as in most histories: the key, the identity.
func (s *script) entry(e chaos.Entry) {
	s.t.Helper()
	if e.Key == "" {
		e.Key = "key"
	}
	if e.Identity == "" {
		e.Identity = "office"
	}
	if err := json.NewEncoder(&s.lines).Encode(e); err != nil {
		s.t.Fatal(err)
	}
}

// begin writes the begin of an operation and returns what its end has to have.
func (s *script) begin(from float64, e chaos.Entry) chaos.Entry {
	s.last++
	e.ID, e.Part, e.At = s.last, chaos.Begin, at(from)
	s.entry(e)
	return e
}

func (s *script) op(from, to float64, e chaos.Entry) chaos.Entry {
	e = s.begin(from, e)
	e.Part, e.At = chaos.End, at(to)
	s.entry(e)
	return e
}

func (s *script) fetch(process string, from, to float64, token string) {
	e := s.op(from, to, chaos.Entry{Process: process, Kind: chaos.FetchOp, Token: token})
	s.op(from, from, chaos.Entry{Process: chaos.World, Kind: chaos.IssueOp, For: process, Fetch: e.ID})
}

func (s *script) token(process string, when float64, token string) {
	s.op(when, when+0.001, chaos.Entry{Process: process, Kind: chaos.TokenOp, Token: token})
}

func (s *script) refresh(process string, from, to float64, token string) {
	s.op(from, to, chaos.Entry{Process: process, Kind: chaos.RefreshOp, Token: token})
}

func (s *script) reject(process string, when float64, token string) {
	s.op(when, when+0.01, chaos.Entry{Process: process, Kind: chaos.RejectOp, Token: token})
}

func (s *script) set(when float64, token string) {
	s.op(when, when+0.001, chaos.Entry{Process: chaos.World, Kind: chaos.SetOp, Token: token})
}

func (s *script) del(when float64) {
	s.op(when, when+0.001, chaos.Entry{Process: chaos.World, Kind: chaos.DeleteOp})
}

func (s *script) outage(from, to float64, process string) {
	s.op(from, to, chaos.Entry{Process: chaos.World, Kind: chaos.OutageOp, For: process})
}

// start is how each history begins: a fetches, and b has the token too.
func (s *script) start() {
	s.fetch("a", 0, 1, "one")
	s.token("a", 1, "one")
	s.token("b", 1.1, "one")
}

// Each kind of violation is found, by the operation that is one, and what is allowed is not
// taken for one.
func TestViolationsAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		script func(s *script)
		want   string // in what is said, "" if all is well
	}{
		{"a token for all", func(s *script) {
			s.token("a", 20, "one")
			s.token("b", 20, "one")
		}, ""},
		{"noticed just in time", func(s *script) {
			s.set(10, "two")
			s.token("a", 10.1, "two")
			s.token("b", 14.9, "one")
			s.token("b", 15.1, "two")
		}, ""},
		{"noticed too late", func(s *script) {
			s.set(10, "two")
			s.token("a", 10.1, "two")
			s.token("b", 16, "one")
		}, "b: token -> one, from 13:46:56"},
		{"never noticed", func(s *script) {
			s.set(10, "two")
			s.token("b", 16, "one")
		}, "b: token -> one"},
		{"a renewal noticed too late", func(s *script) {
			s.fetch("a", 10, 11, "two")
			s.token("a", 11.1, "two")
			s.token("b", 17, "one")
		}, "b: token -> one"},
		{"a deletion noticed too late", func(s *script) {
			s.del(10)
			s.token("b", 16, "one")
		}, "that token was no longer there"},
		{"a deletion that is undone", func(s *script) {
			s.del(10)
			s.fetch("a", 10, 11, "two")
			s.token("a", 11.1, "two")
			s.token("b", 11.1, "two")
			s.token("c", 20, "one")
		}, "c: token -> one"},
		{"a rejection that the others do not notice", func(s *script) {
			s.reject("a", 10, "one")
			s.token("b", 16, "one")
		}, "b: token -> one"},
		{"a token that it rejected", func(s *script) {
			s.reject("a", 10, "one")
			s.token("a", 11, "one")
		}, "a: token -> one, from 13:46:51.000 to 13:46:51.001: the process had left or rejected that token"},
		{"a token that it rejected, and that another program wrote again", func(s *script) {
			s.reject("a", 10, "one")
			s.set(10.5, "one")
			s.token("a", 11, "one")
		}, ""},
		{"a token that another process rejected a moment ago", func(s *script) {
			s.reject("a", 10, "one")
			s.token("b", 11, "one")
		}, ""},
		{"a Reject that is still under way", func(s *script) {
			s.begin(10, chaos.Entry{Process: "a", Kind: chaos.RejectOp, Token: "one"})
			s.token("a", 11, "one")
		}, ""},
		{"a Reject that the budget refused", func(s *script) {
			s.op(10, 10.1, chaos.Entry{Process: "a", Kind: chaos.RejectOp, Token: "one", Error: "too often"})
			s.token("a", 20, "one")
		}, ""},
		{"a token that it had left", func(s *script) {
			s.set(10, "two")
			s.token("a", 10.1, "two")
			s.token("a", 10.2, "one")
		}, "had left or rejected"},
		{"two calls of one process at a time", func(s *script) {
			s.set(10, "two")
			s.op(10.01, 10.2, chaos.Entry{Process: "a", Kind: chaos.TokenOp, Token: "one"})
			s.op(10.1, 10.11, chaos.Entry{Process: "a", Kind: chaos.TokenOp, Token: "two"})
		}, ""},
		{"a token of another identity", func(s *script) {
			s.op(10, 11, chaos.Entry{Process: "d", Kind: chaos.FetchOp, Token: "theirs", Identity: "other"})
			s.op(10, 11, chaos.Entry{Process: "d", Kind: chaos.TokenOp, Token: "theirs", Identity: "other"})
			s.token("a", 12, "theirs")
		}, "the token is for other, and not for office"},
		{"a token of nobody", func(s *script) { s.token("a", 12, "made-up") }, "nobody wrote that token"},
		{"a token before it was requested", func(s *script) {
			s.token("a", 9, "two")
			s.fetch("b", 10, 11, "two")
		}, "a: token -> two"},
		{"a Refresh", func(s *script) {
			s.op(10, 12, chaos.Entry{Process: "a", Kind: chaos.FetchOp, Token: "two"})
			s.refresh("a", 9.9, 12.1, "two")
			s.refresh("b", 9.8, 12.2, "two")
		}, ""},
		{"a Refresh that returns what was there", func(s *script) { s.refresh("a", 10, 10.1, "one") }, "before the Refresh began"},
		{"a Refresh that joins a request under way", func(s *script) {
			s.fetch("a", 10, 12, "two")
			s.refresh("b", 11, 12.1, "two")
		}, "b: refresh -> two"},
		{"a process that was stopped keeps to what the others have", func(s *script) {
			s.fetch("a", 10, 30, "late")
			s.fetch("b", 14, 15, "two")
			s.token("b", 15.1, "two")
			s.token("a", 30.1, "two")
		}, ""},
		{"a process that was stopped replaces what is newer", func(s *script) {
			s.fetch("a", 10, 30, "late")
			s.fetch("b", 14, 15, "two")
			s.token("b", 15.1, "two")
			s.token("a", 30.1, "late")
		}, "a: token -> late"},
		{"a killed process had stored its token", func(s *script) {
			s.op(10, 11, chaos.Entry{Process: "a", Kind: chaos.FetchOp, Token: "two"})
			s.begin(11, chaos.Entry{Process: "a", Kind: chaos.TokenOp})
			s.token("b", 11.5, "two")
			s.token("b", 30, "two")
		}, ""},
		{"a SET without an answer that had its effect", func(s *script) {
			s.begin(10, chaos.Entry{Process: chaos.World, Kind: chaos.SetOp, Token: "two"})
			s.token("a", 30, "two")
		}, ""},
		{"a SET without an answer that had none", func(s *script) {
			s.begin(10, chaos.Entry{Process: chaos.World, Kind: chaos.SetOp, Token: "two"})
			s.token("a", 30, "one")
		}, ""},
		{"an outage, in which each has its own", func(s *script) {
			s.outage(9, 20, "")
			s.fetch("a", 10, 13, "two")
			s.fetch("b", 11, 12, "three")
			s.token("b", 12.1, "three")
			s.token("a", 13.1, "two")
			s.token("c", 19, "one")
			s.token("a", 29, "two")
			s.token("a", 31, "three")
			s.token("c", 31, "three")
		}, ""},
		{"an outage that has long been over", func(s *script) {
			s.outage(9, 20, "")
			s.fetch("a", 10, 11, "two")
			s.token("a", 11.1, "two")
			s.token("b", 31, "one")
		}, "b: token -> one"},
		{"an outage of another process", func(s *script) {
			s.outage(9, 20, "c")
			s.set(10, "two")
			s.token("a", 10.1, "two")
			s.token("c", 18, "one")
			s.token("b", 18, "one")
		}, "b: token -> one"},
		{"an older token after an outage", func(s *script) {
			s.set(5, "two")
			s.token("a", 5.1, "two")
			s.token("b", 5.1, "two")
			s.outage(19, 20, "")
			s.token("c", 21, "one")
		}, "c: token -> one"},
		{"a rejected token in an outage", func(s *script) {
			s.outage(9, 20, "")
			s.reject("a", 10, "one")
			s.token("b", 15, "one")
			s.token("a", 16, "one")
		}, "a: token -> one"},
		{"a SET that Redis lost with all else", func(s *script) {
			s.set(10, "two")
			s.outage(11, 12, "")
			s.token("a", 40, "one")
		}, ""},
		{"a SET that one process had seen before Redis lost all", func(s *script) {
			s.set(10, "two")
			s.token("b", 10.5, "two")
			s.outage(11, 12, "")
			s.token("a", 40, "one")
		}, "a: token -> one"},
		{"a Reject that could not reach Redis", func(s *script) {
			s.outage(9, 20, "")
			s.op(10, 10.1, chaos.Entry{Process: "a", Kind: chaos.RejectOp, Token: "one", Error: "Redis", Unclear: true})
			s.token("b", 40, "one")
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &script{t: t}
			s.start()
			c.script(s)
			all, err := read(&s.lines)
			if err != nil {
				t.Fatal(err)
			}
			v, err := examine(all, t.TempDir(), time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(v.Violations) > 0 {
					t.Errorf("%+v", v.Violations)
				}
				return
			}
			if len(v.Violations) != 1 || !strings.Contains(v.Violations[0].What, c.want) {
				t.Fatalf("found %+v, want %q", v.Violations, c.want)
			}
			page, err := os.ReadFile(v.Violations[0].Picture)
			if err != nil || !bytes.Contains(page, []byte("<html")) {
				t.Errorf("the picture has %d bytes: %v", len(page), err)
			}
		})
	}
}
