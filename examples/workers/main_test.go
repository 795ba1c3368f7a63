package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

const cases = 300

func TestAllCases(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Rows: cases})
	r := exampletest.Run(t, exampletest.Env(fake), "-workers", "5")
	seen := make(map[string]bool)
	for line := range strings.Lines(r.Stdout) {
		seen[strings.Fields(line)[0]] = true
	}
	if r.Status != 0 || len(seen) != cases {
		t.Errorf("status %d, %d of %d cases\n%s", r.Status, len(seen), cases, r.Stderr)
	}
	if n := fake.Counts(); n.TokenRequests != 1 {
		t.Errorf("%+v", n)
	}
}

func TestOneCaseFails(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Rows: 100})
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/advonet/Akten/107/", Status: http.StatusInternalServerError, Times: -1})
	r := exampletest.Run(t, exampletest.Env(fake))
	if n := strings.Count(r.Stdout, "\n"); r.Status != 1 || n != 99 || strings.Contains(r.Stdout, "107\t") {
		t.Errorf("status %d, %d cases\n%s", r.Status, n, r.Stdout)
	}
	if !strings.Contains(r.Stderr, "id=107") || !strings.Contains(r.Stderr, "99 of 100 cases done, 1 failed") {
		t.Error(r.Stderr)
	}
}

// The account was disabled in the middle: a thousand more calls would say so too.
func TestWithoutATokenTheWorkEnds(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Rows: cases})
	late := fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/advonet/Akten/150/", Delay: 50 * time.Millisecond})
	p := exampletest.Start(t, exampletest.Env(fake), "-workers", "2")
	if err := late.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: -1})
	fake.RevokeAll()
	r := p.Wait(t)
	if n := fake.Counts().APICalls; r.Status != 1 || n > 200 || !strings.Contains(r.Stderr, "wrong user or password") {
		t.Errorf("status %d after %d calls\n%s", r.Status, n, r.Stderr)
	}
}

// With all calls hanging there are as many as workers, and no more.
func TestInterrupted(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Rows: cases})
	hang := fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/advonet/Akten/", Hang: true, Times: -1})
	p := exampletest.Start(t, exampletest.Env(fake), "-workers", "3")
	if err := hang.Wait(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	p.Signal(t, syscall.SIGTERM)
	if r := p.Wait(t); r.Status != 1 || hang.Hits() != 3 || !strings.Contains(r.Stderr, fmt.Sprintf("0 of %d cases done", cases)) {
		t.Errorf("status %d, %d calls at a time\n%s", r.Status, hang.Hits(), r.Stderr)
	}
}
