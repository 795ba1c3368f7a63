package monitor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

// An outage of the gateway on a time line: ready while the token lasts, not ready after that,
// ready again within a second of the first token. The test prints the line.
func TestReadyThroughAnOutageAndBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, "one", false, clienttest.Options{InMemory: true, TokenLatency: 1500 * time.Millisecond})
		m := newMonitor(t, monitor.Config{}, k)
		begin := time.Now()
		say := func(what string) { t.Logf("%8s  %s", time.Since(begin).Round(time.Second), what) }
		var was string
		var turned []int   // the seconds in which it became ready, and not
		issued, at := 0, 0 // how many tokens there were, when the last one was
		for second := range 4800 {
			switch second {
			case 600:
				say("the gateway is down")
				k.fake.Inject(clienttest.Fault{Reset: true, Times: -1})
			case 4500:
				say("the gateway is up")
				k.fake.ClearFaults()
			}
			if second > 60 && second%10 == 0 {
				_ = k.call(0)
			}
			got := get(m, "/readyz")
			if text := fmt.Sprintf("%d %s", got.Code, strings.TrimSpace(got.Body.String())); text[:4] != was {
				say(text)
				was = text[:4]
				turned = append(turned, second)
			}
			if n := k.fake.Counts().TokensIssued; n != issued {
				issued, at = n, second
			}
			if got.Code != 200 && second > 4500 && at > 4500 && second-at > 2 { // the answer took 1.5 s
				t.Errorf("a token was issued after %d s, and it is not ready after %d", at, second)
			}
			time.Sleep(time.Second - time.Since(begin)%time.Second)
		}
		if len(turned) != 4 { // asking, ready, not ready, ready
			t.Fatalf("it turned at %v s", turned)
		}
		if turned[1] > 3 || turned[2] < 3200 || turned[2] > 3400 || turned[3] < 4500 || turned[3] > 4500+70 {
			t.Errorf("it turned at %v s", turned)
		}
	})
}

// Nobody calls while a process is not ready: the monitor finds out by itself that the outage is
// over, with no more token requests than the client makes by itself.
func TestReadyAgainWithoutACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, "one", false, clienttest.Options{InMemory: true})
		k.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
		m := newMonitor(t, monitor.Config{Every: -1}, k)
		probe := func() int {
			code := get(m, "/readyz").Code
			time.Sleep(time.Second)
			return code
		}
		for range 3600 {
			if probe() != 503 {
				t.Fatal("ready without a token")
			}
		}
		if n := k.fake.Counts().TokenRequests; n < 30 || n > 200 {
			t.Errorf("%d token requests in an hour", n)
		}
		k.fake.ClearFaults()
		for i := 0; probe() != 200; i++ {
			if i > 62 {
				t.Fatal("not ready a minute after the end of the outage")
			}
		}
		// The token is not used: it lapses, and nothing more is sent.
		before := k.fake.Counts().TokenRequests
		time.Sleep(3 * time.Hour)
		got := get(m, "/readyz?verbose")
		if got.Code != 200 || !strings.Contains(got.Body.String(), "nobody needs one") {
			t.Errorf("after the token has lapsed: %d, %s", got.Code, got.Body)
		}
		if n := k.fake.Counts().TokenRequests; n > before+1 {
			t.Errorf("%d token requests for nobody", n-before)
		}
	})
}

// What may lock an account is tried once, and then by calls only; what the vendor puts right is
// tried again.
func TestRefusedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for refusal, again := range map[clienttest.Refusal]bool{
		clienttest.WrongPassword: false, clienttest.NotEnabled: true, clienttest.NotConnected: true, clienttest.NotRegistered: true,
	} {
		synctest.Test(t, func(t *testing.T) {
			k := newKanzlei(t, "one", false, clienttest.Options{InMemory: true})
			k.fake.Inject(clienttest.Fault{Refusal: refusal, Times: -1})
			m := newMonitor(t, monitor.Config{}, k)
			for range 6 * 60 {
				if got := get(m, "/readyz?verbose"); got.Code != 503 {
					t.Fatalf("%s: %d, %s", refusal, got.Code, got.Body)
				}
				time.Sleep(10 * time.Second)
			}
			if n := k.fake.Counts().TokenRequests; (n > 1) != again || n > 61 {
				t.Errorf("%s: %d token requests in an hour", refusal, n)
			}
		})
	}
}

// A probe sends nothing, and an office that has a token is not asked for one.
func TestProbesSendNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, "one", true, clienttest.Options{InMemory: true})
		m := newMonitor(t, monitor.Config{Every: -1}, k)
		if err := k.call(0); err != nil {
			t.Fatal(err)
		}
		before := k.fake.Counts()
		k.far.down.Store(true)
		for range 200 {
			for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/status", "/"} {
				if got := get(m, path); got.Code != 200 {
					t.Fatalf("%s: %d", path, got.Code)
				}
			}
		}
		synctest.Wait()
		if after := k.fake.Counts(); after != before || !k.Client.Status().Redis.Up {
			t.Errorf("probes sent something: %+v, then %+v", before, after)
		}
	})
}

// One office that is not connected takes nothing away from another; each can be asked for.
func TestReadinessOfSeveralOffices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		good := newKanzlei(t, "gut & recht", false, clienttest.Options{InMemory: true})
		bad := newKanzlei(t, "böse", false, clienttest.Options{InMemory: true})
		bad.fake.Inject(clienttest.Fault{Refusal: clienttest.NotConnected, Times: -1})
		m := newMonitor(t, monitor.Config{Every: -1}, bad, good)
		if got := get(m, "/readyz"); got.Code != 503 || got.Body.String() != "not ready: none of 2 offices is\n" {
			t.Errorf("before anybody was asked: %d, %s", got.Code, got.Body)
		}
		synctest.Wait()
		for path, want := range map[string]int{"/readyz": 200, "/readyz?office=gut+%26+recht": 200, "/readyz?office=b%C3%B6se": 503, "/readyz?office=": 404, "/readyz?office=nobody": 404} {
			if got := get(m, path); got.Code != want {
				t.Errorf("%s: %d, %s; want %d", path, got.Code, got.Body, want)
			}
		}
		verbose := get(m, "/readyz?verbose").Body.String()
		lines := strings.Split(verbose, "\n")
		if len(lines) != 4 || !strings.HasPrefix(lines[1], "[+] gut & recht: a token until ") ||
			!strings.HasPrefix(lines[0], "[-] böse: a token request failed (Kanzlei or database not connected) at ") || !strings.Contains(lines[0], ", next attempt at ") || lines[2] != "ready" {
			t.Errorf("verbose: %q", verbose)
		}
		// The one that is not ready is not asked for ever, as another one is; but by its name it is.
		before := bad.fake.Counts().TokenRequests
		for range 100 {
			get(m, "/readyz?verbose")
			time.Sleep(10 * time.Second)
		}
		if n := bad.fake.Counts().TokenRequests; n != before {
			t.Errorf("%d token requests for an office that nobody needs", n-before)
		}
		bad.fake.ClearFaults()
		get(m, "/readyz?office=b%C3%B6se")
		synctest.Wait()
		if got := get(m, "/readyz?office=b%C3%B6se"); got.Code != 200 {
			t.Errorf("after the outage: %d, %s", got.Code, got.Body)
		}

		var asJSON struct {
			Ready    bool
			Draining bool
			Offices  []struct{ Name, State, Why string }
		}
		got := get(m, "/readyz", "Accept", "text/plain;q=0.5, application/json")
		if err := json.Unmarshal(got.Body.Bytes(), &asJSON); err != nil || !asJSON.Ready || len(asJSON.Offices) != 2 || asJSON.Offices[1].State != "fresh" {
			t.Errorf("JSON: %v, %s", err, got.Body)
		}
	})
}

// From the signal to end on nobody is to send anything new; the process serves all the same.
func TestDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		k := newKanzlei(t, "one", false, clienttest.Options{InMemory: true})
		m := newMonitor(t, monitor.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, k)
		if err := k.call(0); err != nil {
			t.Fatal(err)
		}
		if got := get(m, "/readyz"); got.Code != 200 {
			t.Fatalf("before: %d", got.Code)
		}
		m.Drain()
		for path, want := range map[string]int{"/readyz": 503, "/readyz?office=one": 503, "/livez": 200, "/metrics": 200, "/debug/status": 200, "/": 200} {
			if got := get(m, path); got.Code != want {
				t.Errorf("%s: %d; want %d", path, got.Code, want)
			}
		}
		if got := get(m, "/readyz").Body.String(); got != "not ready: the process is ending\n" {
			t.Errorf("it says %q", got)
		}
		time.Sleep(time.Minute)
		if text := log.String(); strings.Count(text, `level=INFO msg="the process is ready"`) != 1 || strings.Count(text, `level=WARN msg="the process is not ready" why=draining`) != 1 {
			t.Errorf("the log is %s", text)
		}
		m.Close()
		m.Close()
		if got := get(m, "/livez"); got.Code != 200 {
			t.Errorf("after Close: %d", got.Code)
		}
	})
}

// Close ends an ask that hangs, and none is begun after it.
func TestCloseEndsWhatIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, "one", false, clienttest.Options{InMemory: true})
		k.fake.Inject(clienttest.Fault{Hang: true, Times: -1})
		m := newMonitor(t, monitor.Config{}, k)
		get(m, "/readyz")
		synctest.Wait()
		begin := time.Now()
		m.Close()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("Close took %s", took)
		}
		get(m, "/readyz")
		_ = k.Client.Close()
		if got := get(m, "/readyz?verbose"); got.Code != 503 || !strings.Contains(got.Body.String(), "[-] one: the client is closed") {
			t.Errorf("after the client was closed: %d, %s", got.Code, got.Body)
		}
	})
}

// However many there are, a few are asked at a time.
func TestManyOfficesAreAskedAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all []*kanzlei
		for i := range 30 {
			all = append(all, newKanzlei(t, fmt.Sprint(i), false, clienttest.Options{InMemory: true, TokenLatency: 2 * time.Second}))
		}
		m := newMonitor(t, monitor.Config{Every: -1}, all...)
		requests := func() (n int) {
			for _, k := range all {
				n += int(k.fake.Counts().TokenRequests)
			}
			return n
		}
		get(m, "/readyz")
		synctest.Wait()
		if n := requests(); n != 8 {
			t.Errorf("%d token requests at once", n)
		}
		for range 10 {
			time.Sleep(2100 * time.Millisecond)
			get(m, "/readyz?verbose")
		}
		if n := requests(); n != 30 {
			t.Errorf("%d of 30 were asked", n)
		}
	})
}
