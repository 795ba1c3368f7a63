package proxy_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/testport"
	"github.com/advoware-go/advoware/proxy"
)

// What the gateway says is told apart, and when to come again.
func TestNoToken(t *testing.T) {
	for refusal, want := range map[clienttest.Refusal]struct {
		status int
		kind   proxy.Kind
		reason string
	}{
		clienttest.WrongPassword: {502, proxy.Refused, "wrong-credentials"}, clienttest.NotEnabled: {502, proxy.Refused, "not-enabled"},
		clienttest.NotRegistered: {502, proxy.Refused, "not-registered"}, clienttest.NotConnected: {503, proxy.NotConnected, "not-connected"},
		"": {503, proxy.GatewayDown, ""},
	} {
		r, requests := seen(t, options{})
		fault := clienttest.Fault{Times: -1, Refusal: refusal}
		if refusal == "" {
			fault.Status = 500
		}
		r.fake.Inject(fault)
		for range 2 {
			got := r.do(t, "POST", "/x", "body")
			p := got.wantProblem(t, want.status, want.kind)
			after, err := strconv.Atoi(got.Header.Get("Retry-After"))
			if p.Reason != want.reason || p.Outcome != "not_sent" || p.Office != "muster" || err != nil || after < 1 || after > 120 {
				t.Errorf("%s: %+v, Retry-After %q", refusal, p, got.Header.Get("Retry-After"))
			}
			for _, secret := range []string{"sandbox-password", r.fake.TokenURL(), "127.0.0.1"} {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s shows %s", got.body, secret)
				}
			}
		}
		if len(requests) > 0 || r.fake.Counts().TokenRequests != 1 {
			t.Errorf("%s: %d requests, %d for tokens", refusal, len(requests), r.fake.Counts().TokenRequests)
		}
	}
}

// An office that is not reached, and one that takes a request and does not answer.
func TestNetwork(t *testing.T) {
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	gone := start(t, ok, options{config: func(c *advoware.Config) { c.BaseURL = "http://" + addr + "/" }})
	broken := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}), options{})
	for _, tt := range []struct {
		r               *rig
		method, outcome string
	}{{gone, "GET", "not_sent"}, {gone, "POST", "not_sent"}, {broken, "GET", ""}, {broken, "POST", "maybe_done"}, {broken, "DELETE", "maybe_done"}} {
		got := tt.r.do(t, tt.method, "/x", "body").wantProblem(t, 502, proxy.Network)
		if got.Outcome != tt.outcome || strings.Contains(got.Message, "127.0.0.1") {
			t.Errorf("%s: %+v", tt.method, got)
		}
		if log := tt.r.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "kind=network") || strings.Contains(log, "Bearer") {
			t.Errorf("the log: %s", log)
		}
	}
}

// A 401 of the office is tried once more with another token, with the same body; a body that
// is longer than what is kept is sent once, and the 401 passed on.
func TestUnauthorized(t *testing.T) {
	r := start(t, nil, options{})
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	cfg.Transport = nil
	r.serve(t, options{}, []proxy.Office{{Name: "fake", Client: open(t, cfg)}})
	if got := r.do(t, "GET", "/employees", ""); got.StatusCode != 200 {
		t.Fatal(got.Status)
	}
	fake.RevokeAll()
	if got := r.do(t, "PUT", "/api/v1/Echo", "Gütetermin"); got.StatusCode != 200 || !strings.Contains(got.body, "Gütetermin") {
		t.Errorf("%s %s", got.Status, got.body)
	}
	if n := fake.Counts(); n.TokenRequests != 2 || n.Unauthorized != 1 {
		t.Errorf("%+v", n)
	}
	fake.RevokeAll()
	got := r.do(t, "PUT", "/api/v1/Echo", strings.Repeat("x", 3<<20))
	if got.StatusCode != 401 || got.Header.Get("Advoware-Proxy-Error") != "" || got.Header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(got.body, "Zugriffstoken") {
		t.Errorf("%s %v %.100s", got.Status, got.Header, got.body)
	}
	if got := r.do(t, "PUT", "/api/v1/Echo", strings.Repeat("x", 3<<20)); got.StatusCode != 200 { // with a new one
		t.Errorf("%s", got.Status)
	}
}

// Nothing that stands still goes on for ever, and nothing that moves is cut.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stall = 30 * time.Second
		in := startInMemory(t, 2*stall, stall)

		// A token and an answer that take longer together than nothing may move.
		in.fake.SetTokenLatency(25 * time.Second)
		in.fake.SetLatency(2*stall - time.Second)
		if status, body, took := in.get(t, "/employees"); status != 200 {
			t.Errorf("a token and an office that are slow: %d %s after %v", status, body, took)
		}
		// An office that takes longer for its answer than a client may take for a read.
		if status, body, took := in.send(t, "PUT", "/api/v1/Echo", strings.NewReader("body")); status != 200 {
			t.Errorf("an office that is slow after an upload: %d %s after %v", status, body, took)
		}
		in.fake.SetLatency(2*stall + time.Second)
		if status, body, took := in.get(t, "/employees"); status != 504 || !strings.Contains(body, `"timeout"`) || took != 2*stall {
			t.Errorf("one that is too slow: %d %s after %v", status, body, took)
		}
		in.fake.SetLatency(0)

		// A body of ten minutes, of which something comes every twenty seconds.
		body, feed := io.Pipe()
		go func() {
			for range 30 {
				time.Sleep(20 * time.Second)
				_, _ = io.WriteString(feed, "0123456789")
			}
			_ = feed.Close()
		}()
		status, text, took := in.send(t, "PUT", "/api/v1/Echo", body)
		if status != 200 || strings.Count(text, "0123456789") != 30 || took != 10*time.Minute {
			t.Errorf("a long upload: %d after %v", status, took)
		}

		// A body that does not come: net/http's client would wait for it as well.
		for _, length := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked"} {
			began, conn := time.Now(), in.dial(t)
			_, _ = io.WriteString(conn, "PUT /api/v1/Echo HTTP/1.1\r\nHost: localhost\r\n"+length+"\r\n\r\n5\r\n01234\r\n")
			all, err := io.ReadAll(conn)
			if took := time.Since(began); err != nil || !strings.HasPrefix(string(all), "HTTP/1.1 408 ") || !strings.Contains(string(all), `"slow_client"`) || took < stall || took > 3*stall {
				t.Errorf("an upload that stalls: %s, %v after %v", all, err, took)
			}
			_ = conn.Close()
		}

		// A header that does not come, and a connection that is not used.
		for text, limit := range map[string]time.Duration{"GET / HTTP/1.1\r\nHost: localhost\r\nX-": proxy.DefaultHeaderTimeout, "GET /employees HTTP/1.1\r\nHost: localhost\r\n\r\n": proxy.DefaultIdleTimeout} {
			began, conn := time.Now(), in.dial(t)
			_, _ = io.WriteString(conn, text)
			_, _ = io.Copy(io.Discard, conn)
			if took := time.Since(began); took < limit || took > limit+time.Second {
				t.Errorf("%.10q: closed after %v, want %v", text, took, limit)
			}
			_ = conn.Close()
		}
		if log := in.log.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("%s", log)
		}
	})
}

// A client that does not read is left after the time that nothing moved. In a synctest bubble
// this would now and then stand still: the lock that ReverseProxy holds while it writes is one
// that its timer waits for, and time does not pass for somebody who waits for a lock.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	const stall = 300 * time.Millisecond
	left := make(chan time.Duration, 1)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		began, part := time.Now(), make([]byte, 32<<10)
		for {
			if _, err := w.Write(part); err != nil {
				left <- time.Since(began)
				return
			}
		}
	}), options{proxy: func(c *proxy.Config) { c.ClientStall = stall }, server: func(s *proxy.Server) { s.Stall = stall }})
	conn := r.raw(t, "GET /x HTTP/1.1\r\nHost: "+strings.TrimPrefix(r.url, "http://")+"\r\n\r\n")
	select {
	case took := <-left:
		if took < stall {
			t.Errorf("left after %v", took)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("not left")
	}
	if n, err := io.Copy(io.Discard, conn); n == 0 { // what was on its way
		t.Errorf("%d bytes, %v", n, err)
	}
	if log := r.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("%s", log)
	}
}
