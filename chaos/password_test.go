package chaos_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
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
	for i, r := range f.done() {
		if r.Calls != callers*each || r.Refused != r.Calls {
			t.Errorf("process %d: %d calls, %d refused, want all of %d: %v", i, r.Calls, r.Refused, callers*each, r.Errors)
		}
		for text := range r.Errors {
			if !strings.Contains(text, "refused") {
				t.Errorf("process %d: %q does not name the refusal", i, text)
			}
		}
	}
	if got := w.requests(); got != 1 {
		t.Errorf("%d token requests", got)
	}
	if long == 0 {
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
