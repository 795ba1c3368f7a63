package chaos_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// reasons are what the vendor says, what a process makes of it, and how long the gateway is
// left alone.
var reasons = []struct {
	name, sentence string
	status         int
	kind, advice   string
	refused        bool
	pause          time.Duration
}{
	{"wrong credentials", "Falscher Name oder falsches Kennwort", 500, "token request refused", "wrong user or password", true, time.Minute},
	{"not enabled", "Das Produkt ist nicht freigeschaltet", 503, "token request refused", "ask the vendor, who enables", true, time.Minute},
	{"not registered", "Die Kanzlei ist nicht registriert", 200, "token request refused", "not registered", true, time.Minute},
	{"not connected", "Die Kanzlei ist nicht angemeldet", 401, "gateway down", "not connected", false, 70 * time.Second},
}

// Each reason is one token request of eight processes in its pause, however often they call,
// and every process says why and what to do. The long form counts for more than two pauses.
func TestEachReasonIsOneRequestOfAFleet(t *testing.T) {
	const n, callers, each = 8, 8, 5
	next := regexp.MustCompile(`next attempt after (\d\d:\d\d:\d\dZ)`)
	for _, r := range reasons {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t, clienttest.Options{TokenLatency: 100 * time.Millisecond})
			w.fake.Inject(clienttest.Fault{Status: r.status, Body: fmt.Sprintf(`{"message":%q}`, r.sentence), Times: -1})
			began := time.Now()
			f := w.fleet(n, w.env(), "-goroutines", strconv.Itoa(callers), "-calls", strconv.Itoa(each), "-pause", "10ms")
			f.start()
			reports := f.done()
			for i, report := range reports {
				if report.Calls != callers*each || report.Failed != report.Calls || (report.Refused == report.Calls) != r.refused {
					t.Errorf("process %d: %d calls, %d failed, %d refused: %v", i, report.Calls, report.Failed, report.Refused, report.Errors)
				}
				for text := range report.Errors {
					for _, part := range []string{r.kind, r.sentence, r.advice} {
						if !strings.Contains(text, part) {
							t.Errorf("%q does not say %q", text, part)
						}
					}
					at := next.FindStringSubmatch(text)
					if at == nil {
						t.Fatalf("%q does not say when the next attempt is", text)
					}
					if pause := sinceMidnight(t, at[1]) - clock(began); (pause+24*time.Hour)%(24*time.Hour) < r.pause-time.Second {
						t.Errorf("next attempt %v after the first call, want %v", pause, r.pause)
					}
				}
			}
			w.wantRequests(1, reports)
			if long < minutes {
				return
			}
			f = w.fleet(n, w.env(), "-goroutines", strconv.Itoa(callers), "-pause", "100ms")
			f.start()
			if !within(3*r.pause, func() bool { return w.requests() >= 3 }) {
				t.Fatal("the gateway was not asked again")
			}
			if took := time.Since(began); took < 2*r.pause {
				t.Errorf("3 token requests in %v", took)
			}
			f.end()
		})
	}
}

// sinceMidnight reads a time of day in UTC.
func sinceMidnight(t *testing.T, text string) time.Duration {
	t.Helper()
	at, err := time.Parse("15:04:05Z", text)
	if err != nil {
		t.Fatal(err)
	}
	return clock(at)
}

func clock(at time.Time) time.Duration {
	at = at.UTC()
	return at.Sub(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC))
}
