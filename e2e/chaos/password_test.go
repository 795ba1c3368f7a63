package chaos_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
)

// A wrong password in the whole fleet is one refusal a minute for the gateway,
// however often it is asked: the account must not be locked. And every process says
// what is wrong.
func TestFleetWithAWrongPasswordIsRefusedOnceAMinute(t *testing.T) {
	n := 8
	if long > 0 {
		n = 32
	}
	const each = 10
	w := newWorld(t, clienttest.Options{TokenLatency: 100 * time.Millisecond})
	f := w.fleet(n, w.env("ADVOWARE_PASSWORD=wrong"), "-goroutines", strconv.Itoa(callers), "-calls", strconv.Itoa(each), "-pause", "10ms")
	f.start()
	reports := f.done()
	for i, r := range reports {
		if r.Calls != callers*each || r.Refused != r.Calls {
			t.Errorf("process %d: %d calls, %d refused, want all of %d: %v", i, r.Calls, r.Refused, callers*each, r.Errors)
		}
		for text := range r.Errors {
			wantReason(t, text)
		}
	}
	w.wantRequests(1, reports)
	if long < minutes {
		return
	}
	f = w.fleet(n, w.env("ADVOWARE_PASSWORD=wrong"), "-pause", "100ms")
	f.start()
	began, before := time.Now(), w.requests()
	if !within(3*time.Minute, func() bool { return w.requests() >= before+2 }) {
		t.Fatal("the gateway was not asked again")
	}
	if took := time.Since(began); took < time.Minute {
		t.Errorf("2 more token requests in %v", took)
	}
	f.end()
}

// wantReason checks that an error says what the one process was told that asked, and when
// the next attempt is.
func wantReason(t testing.TB, text string) {
	t.Helper()
	for _, part := range []string{"refused", "401", vendorsWords, "next attempt after"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

// vendorsWords are those of the fake for a wrong password.
const vendorsWords = "Falscher Name oder falsches Kennwort"

// Two mistyped passwords and the right one in one fleet: each wrong one is one refusal
// for all who have it, and the right one is never held up.
func TestPasswordsOfOneFleetDoNotMix(t *testing.T) {
	mistype(newWorld(t, clienttest.Options{TokenLatency: 50 * time.Millisecond}))
}

func mistype(w *world) {
	const n, calls = 4, 8
	t := w.t
	t.Helper()
	var sofar chaos.Report
	fleetOf := func(password string) fleet {
		return w.fleet(n, w.env("ADVOWARE_PASSWORD="+password), "-goroutines", "8", "-calls", "1")
	}
	for _, step := range []struct {
		password string
		requests int // so far
	}{{"mistyped", 1}, {"outdated", 2}, {"mistyped", 2}, {"outdated", 2}} {
		f := fleetOf(step.password)
		f.start()
		all := sum(f.done())
		sofar.Add(all)
		if all.Calls != n*calls || all.Refused != all.Calls {
			t.Errorf("%s: %d calls, %d refused, want all: %v", step.password, all.Calls, all.Refused, all.Errors)
		}
		for text := range all.Errors {
			wantReason(t, text)
		}
		w.wantRequests(step.requests, []chaos.Report{sofar})
	}
	f := w.fleet(n, w.env(), "-goroutines", "8", "-calls", "1")
	f.start()
	reports := f.done()
	wantCalls(t, reports, n*calls)
	w.wantRequests(3, append(reports, sofar)) // one for each password
	row := fmt.Sprintf("2 wrong ones, 4 fleets, then the right one\t%d\t%d\t%s", 5*n*calls, w.requests(), short(sum(reports).Slowest))
	figures.add("Passwords of one fleet", "passwords\tcalls\ttoken requests\tslowest call with the right one", row)
	t.Log(row)
}
