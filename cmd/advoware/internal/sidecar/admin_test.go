package sidecar_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/sidecar"
	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/proxy"
)

// running is a proxy with --admin.
type running struct {
	t            *testing.T
	fake         *clienttest.Server
	proxy, admin string
	stop         context.CancelFunc
	ended        chan error
}

func start(t *testing.T) *running {
	t.Helper()
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	f := sidecar.Flags{Addr: new("127.0.0.1:0"), Admin: new("127.0.0.1:0"), Drain: time.Minute, Users: sidecar.Users{Host: []string{"sidecar.example"}},
		Limits: sidecar.Limits{MaxRequests: 100, MaxHeader: 65536, OfficeStall: time.Minute, ClientStall: time.Minute, HeaderTimeout: time.Minute, IdleTimeout: time.Minute},
		Watch:  sidecar.Watch{Version: "v1.2.3"}}
	cfg.Hooks = f.Hooks("muster")
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	ctx, stop := context.WithCancel(t.Context())
	r := &running{t: t, fake: fake, stop: stop, ended: make(chan error, 1)}
	printed := make(chan string, 1)
	go func() {
		r.ended <- f.Run(ctx, []proxy.Office{{Name: "muster", Client: c}}, slog.New(slog.DiscardHandler), func(text []byte) error { printed <- string(text); return nil })
	}()
	select {
	case text := <-printed:
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch name {
			case "ADVOWARE_PROXY_URL":
				r.proxy = value
			case "ADVOWARE_PROXY_ADMIN_URL":
				r.admin = value
			}
		}
	case err := <-r.ended:
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return r
}

func (r *running) get(url string, header ...string) (status int, text string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(header) == 2 {
		req.Host = header[1]
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// until asks until an address answers with a status.
func (r *running) until(url string, status int) (text string) {
	r.t.Helper()
	for {
		got, text := r.get(url)
		if got == status {
			return text
		}
		select {
		case <-r.t.Context().Done():
			r.t.Fatalf("%s: %d, %s; want %d", url, got, text, status)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A process as it is: not ready while the gateway is down, ready without a call when it is up,
// and what it passes on is in the metrics and on the page.
func TestAdmin(t *testing.T) {
	t.Parallel()
	r := start(t)
	down := r.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
	if text := r.until(r.admin+"readyz", 503); !strings.Contains(text, "not ready") {
		t.Errorf("it says %q", text)
	}
	if err := down.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if text := r.until(r.admin+"readyz?verbose", 503); !strings.Contains(text, "[-] muster: ") {
		t.Errorf("it says %q", text)
	}
	down.Remove()
	r.until(r.admin+"readyz", 200)
	if status, text := r.get(r.proxy + "employees"); status != 200 {
		t.Fatalf("%d, %s", status, text)
	}
	for path, want := range map[string]string{
		"livez": "ok", "readyz?verbose": "[+] muster: a token until ", "debug/status": `"version": "v1.2.3"`, "": "<h1>advoware proxy</h1>",
		"metrics": `advoware_call_duration_seconds_count{advoware_office="muster"} 1` + "\n",
	} {
		if status, text := r.get(r.admin + path); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d, %.300s; want %q in it", path, status, text, want)
		}
	}
	for host, want := range map[string]int{"evil.example": 421, "sidecar.example": 200, "10.0.0.1:9464": 200} {
		if status, text := r.get(r.admin+"livez", "Host", host); status != want {
			t.Errorf("Host %s: %d, %s", host, status, text)
		}
	}
	if status, _ := r.get(r.proxy + "debug/status"); status == 200 {
		t.Error("the proxy itself serves it too")
	}
}

// While requests are waited for at the end, probes are answered: alive, and not ready.
func TestAdminWhileDraining(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.until(r.admin+"readyz", 200)
	hang := r.fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = r.get(r.proxy + "employees")
	}()
	if err := hang.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if text := r.until(r.admin+"readyz", 503); !strings.Contains(text, "the process is ending") {
		t.Errorf("it says %q", text)
	}
	if status, text := r.get(r.admin + "livez"); status != 200 {
		t.Errorf("livez: %d, %s", status, text)
	}
	r.fake.Close() // which ends the call that hangs
	<-answered
	if err := <-r.ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
	if status, text := r.get(r.admin + "livez"); status != 0 {
		t.Errorf("after the end: %d, %s", status, text)
	}
}

func TestAdminAddressInUse(t *testing.T) {
	t.Parallel()
	r := start(t)
	taken := strings.TrimSuffix(strings.TrimPrefix(r.admin, "http://"), "/")
	f := sidecar.Flags{Addr: new("127.0.0.1:0"), Admin: &taken, Limits: sidecar.Limits{MaxRequests: 1, MaxHeader: 65536, OfficeStall: 1, ClientStall: 1, HeaderTimeout: 1, IdleTimeout: 1}}
	c, _ := advowaretest.Client(t, clienttest.Options{})
	err := f.Run(t.Context(), []proxy.Office{{Name: "muster", Client: c}}, slog.New(slog.DiscardHandler), func([]byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "--admin "+taken) {
		t.Errorf("got %v", err)
	}
	f.Admin = new("9464")
	err = f.Run(t.Context(), []proxy.Office{{Name: "muster", Client: c}}, slog.New(slog.DiscardHandler), func([]byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `--admin "9464" is not HOST:PORT, such as 127.0.0.1:9464`) {
		t.Errorf("without a host: %v", err)
	}
}

// A text that is no address must not become a port on all of them.
func TestAdminAddressThatIsNone(t *testing.T) {
	t.Parallel()
	c, _ := advowaretest.Client(t, clienttest.Options{})
	for _, addr := range []string{"", "127.0.0.1", "127.0.0.1:", ":", "unix:"} {
		f := sidecar.Flags{Addr: new("127.0.0.1:0"), Admin: &addr, Limits: sidecar.Limits{MaxRequests: 1, MaxHeader: 65536, OfficeStall: 1, ClientStall: 1, HeaderTimeout: 1, IdleTimeout: 1}}
		ctx, cancel := context.WithCancel(t.Context())
		err := f.Run(ctx, []proxy.Office{{Name: "muster", Client: c}}, slog.New(slog.DiscardHandler), func([]byte) error { cancel(); return nil })
		cancel()
		if err == nil || !strings.Contains(err.Error(), "is not HOST:PORT") {
			t.Errorf("--admin %q: %v", addr, err)
		}
	}
}

// An answer may take as long as it is read: the metrics of thousands of offices are many megabytes.
// One that nobody reads ends.
func TestLongAnswersOfTheAdminPort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n pipenet.Network
		l, err := n.Listen("admin:1")
		if err != nil {
			t.Fatal(err)
		}
		const size = 10 << 20
		ended := make(chan error, 1)
		server := sidecar.AdminServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, strings.Repeat("x", size))
			ended <- err
		}))
		go server.Serve(l)
		defer server.Close()
		for _, reads := range []int{1 << 20, 0} { // bytes in three seconds: ten of those are more than any answer had before
			conn, err := n.DialContext(t.Context(), "tcp", "admin:1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			total := int64(0)
			for reads > 0 && total < size {
				time.Sleep(3 * time.Second)
				got, err := io.CopyN(io.Discard, conn, int64(reads))
				if total += got; err != nil {
					t.Fatalf("%v after %d bytes", err, total)
				}
			}
			if err := <-ended; (err == nil) != (reads > 0) {
				t.Errorf("%d bytes at a time: %v", reads, err)
			}
			_ = conn.Close()
		}
	})
}
