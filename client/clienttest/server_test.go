package clienttest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A whole day of a client, in virtual time.
func TestTokenLivesFor55Minutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true})
		for range 3 {
			token := fetch(t, s)
			time.Sleep(55*time.Minute - time.Nanosecond)
			call(t, s, token, "GET", "/employees", "").wants(t, 200)
			time.Sleep(time.Nanosecond)
			call(t, s, token, "GET", "/employees", "").blames(t, 401, "Authorization")
		}
		s.SetLifetime(time.Minute)
		token, issued := fetch(t, s), s.Issue()
		s.SetLifetime(time.Hour) // too late for both
		time.Sleep(time.Minute)
		call(t, s, token, "GET", "/employees", "").wants(t, 401)
		call(t, s, issued, "GET", "/employees", "").wants(t, 401)

		token = s.Issue()
		s.SetSkew(59 * time.Minute)
		call(t, s, token, "GET", "/employees", "").wants(t, 200)
		s.SetSkew(time.Hour)
		call(t, s, token, "GET", "/employees", "").wants(t, 401)
		s.SetLifetime(-time.Second)
		call(t, s, s.Issue(), "GET", "/employees", "").wants(t, 401)
	})
}

func TestURLs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		base, err := url.Parse(s.BaseURL())
		if err != nil || base.Scheme != "http" || base.Path != "/" {
			t.Errorf("base URL %q, %v", s.BaseURL(), err)
		}
		if got := s.TokenURL(); got != s.BaseURL()+"api/v1/Token" {
			t.Errorf("token URL %q", got)
		}
	})
	memory := clienttest.Start(t, clienttest.Options{InMemory: true, Addr: "gateway.test:8443"})
	if got := memory.BaseURL(); got != "http://gateway.test:8443/" {
		t.Errorf("base URL %q", got)
	}
	fetch(t, memory)
	if got := clienttest.Start(t, clienttest.Options{InMemory: true}).BaseURL(); got != "http://127.0.0.1:80/" {
		t.Errorf("base URL %q", got)
	}
	if _, err := memory.Client().Get("http://elsewhere.test/"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("another host in memory: %v", err)
	}
}

// A test that logs its fake, while it is at work, shows where it is and nothing that is in it.
func TestServerPrintsWhereItIs(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Password: "a-password"})
	token := fake.Issue()
	working := make(chan struct{})
	go func() {
		defer close(working)
		for range 100 {
			fake.Issue()
		}
	}()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(verb, fake); !strings.Contains(text, fake.BaseURL()) || strings.Contains(text, token) || strings.Contains(text, "a-password") {
			t.Errorf("%s: %q", verb, text)
		}
	}
	<-working
}

func TestOptions(t *testing.T) {
	if _, err := clienttest.New(clienttest.Options{
		Addr: "0.0.0.0:0", APIKey: "not base64!", User: "a\nb", Shape: 99,
	}); err == nil {
		t.Error("wrong options were taken")
	} else {
		for _, want := range []string{"Addr", "APIKey", "User", "Shape"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not name %s: %v", want, err)
			}
		}
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "127.0.0.1.example.com:0"} {
		if s, err := clienttest.New(clienttest.Options{Addr: addr}); err == nil {
			s.Close()
			t.Errorf("listens on %s", addr)
		}
	}
	for _, addr := range []string{"localhost:0", "127.0.0.2:0"} {
		fetch(t, clienttest.Start(t, clienttest.Options{Addr: addr}))
	}
	taken := clienttest.Start(t, clienttest.Options{}).Options().Addr
	if s, err := clienttest.New(clienttest.Options{Addr: taken}); err == nil {
		s.Close()
		t.Errorf("listens twice on %s", taken)
	}

	given := clienttest.Options{
		AppID: "a", APIKey: "a 2 V 5", Kanzlei: "k", Database: "d", User: "u", Password: "p", Product: 1, Role: 7,
		Lifetime: time.Hour, TokenLatency: 1, Latency: 2, Skew: time.Second, TimestampWindow: time.Minute,
		Shape: clienttest.ShapeNone, Addr: "x.test:1", InMemory: true,
	}
	s := clienttest.Start(t, given)
	if diff := cmp.Diff(given, s.Options()); diff != "" {
		t.Errorf("options in effect (-want +got):\n%s", diff)
	}
	s.SetLifetime(-1)
	s.SetLatency(3)
	s.SetTokenLatency(4)
	s.SetSkew(5)
	s.SetShape(clienttest.ShapeText)
	given.Lifetime, given.Latency, given.TokenLatency, given.Skew, given.Shape = -1, 3, 4, 5, clienttest.ShapeText
	if diff := cmp.Diff(given, s.Options()); diff != "" {
		t.Errorf("options after setting (-want +got):\n%s", diff)
	}
}

func TestEnv(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	want := []string{
		"ADVOWARE_API_BASE_URL=" + s.BaseURL(), "ADVOWARE_TOKEN_URL=" + s.TokenURL(),
		"ADVOWARE_PRODUCT_ID=64", "ADVOWARE_ROLE=2", "ADVOWARE_APP_ID=sandbox-app",
		"ADVOWARE_API_KEY=" + s.Options().APIKey, "ADVOWARE_KANZLEI=sandbox-kanzlei",
		"ADVOWARE_DATABASE=SANDBOX-DATABASE", "ADVOWARE_USER=sandbox-user", "ADVOWARE_PASSWORD=sandbox-password",
		"ADVOWARE_TOKEN_KEY=advoware_sandbox_access_token",
	}
	got := s.Env()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, line := range got {
		if strings.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=:/.+-") != "" {
			t.Errorf("needs quoting: %s", line)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		const workers, rounds = 8, 4 // each round looks at all that the earlier ones left
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range rounds {
					token := fetch(t, s)
					call(t, s, token, "POST", "/appointments", `{"datum":"2026-02-10","text":"x"}`).wants(t, 201)
					call(t, s, token, "GET", "/appointments", "").wants(t, 200)
					s.Revoke(token)
					call(t, s, token, "GET", "/employees", "").wants(t, 401)
					s.SetShape(clienttest.ShapeUTC)
					s.Options()
					s.Requests()
					s.Counts()
				}
			})
		}
		wg.Wait()
		const n = workers * rounds
		got := s.Counts()
		got.Connections = 0 // net/http dials ahead as it likes
		want := clienttest.Counts{TokenRequests: n, TokensIssued: n, APICalls: 3 * n, Unauthorized: n}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if all := array(t, call(t, s, s.Issue(), "GET", "/appointments?from=2026-02-10&to=2026-02-10", "")); len(all) != n+1 {
			t.Errorf("%d appointments", len(all))
		}
	})
}

func TestOneNonceOneToken(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	body := toJSON(credentials(sandbox(s), time.Now()))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { askToken(t, s, body) })
	}
	wg.Wait()
	if got := s.Counts(); got.TokensIssued != 1 || got.TokensRefused != 19 {
		t.Errorf("counted %+v", got)
	}
}

// The bubble does not end while a goroutine is left, so this also shows that none
// is; with connections that are idle, in the middle of a body and unanswered.
func TestCloseLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := clienttest.New(clienttest.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		fetch(t, s)
		s.Inject(clienttest.Fault{Hang: true, Times: -1})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if r, err := try(t, s, "POST", "/api/v1/Token", "{}", isJSON); err == nil {
					t.Errorf("status %d", r.StatusCode)
				}
			})
		}
		body, rest := io.Pipe()
		wg.Go(func() {
			if res, err := s.Client().Post(s.TokenURL(), "application/json", body); err == nil {
				t.Errorf("status %d", res.StatusCode)
			}
		})
		rest.Write([]byte("{"))
		synctest.Wait()
		for range 3 {
			wg.Go(s.Close)
		}
		synctest.Wait()
		rest.Close() // net/http does not abandon a body that is being read
		wg.Wait()
		s.Close()
		if _, err := s.Client().Get(s.BaseURL()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestCloseOnTCP(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	c, err := net.Dial("tcp", s.Options().Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.Close()
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("an open connection: %d bytes, %v", n, err)
	}
	if _, err := net.Dial("tcp", s.Options().Addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after Close: %v", err)
	}
}

// Clients that come while the server closes get an answer or an error.
func TestCloseUnderFire(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		var wg sync.WaitGroup
		started := make(chan struct{}, 100)
		for range 8 {
			wg.Go(func() {
				for {
					_, err := try(t, s, "GET", "/employees", "")
					started <- struct{}{}
					if err != nil {
						return
					}
				}
			})
		}
		go func() {
			for range started {
			}
		}()
		<-started
		s.Close()
		wg.Wait()
		close(started)
	})
}

func TestConnectionsAreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		for range 5 { // one after the other on one connection
			fetch(t, s)
		}
		s.Transport().CloseIdleConnections()
		fetch(t, s)
		if got := s.Counts().Connections; got != 2 {
			t.Errorf("%d connections, want 2", got)
		}
	})
}

// The token of one server is nothing to another.
func TestServersAreApart(t *testing.T) {
	a, b := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
	call(t, b, a.Issue(), "GET", "/employees", "").wants(t, 401)
}

func TestClientHasOwnTimeout(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	c := s.Client()
	c.Timeout = time.Nanosecond
	if s.Client().Timeout != 0 {
		t.Error("Client returns the same client twice")
	}
	var _ http.RoundTripper = s.Transport()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", s.BaseURL(), nil)
	if _, err := s.Transport().RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Error(fmt.Errorf("cancelled request: %w", err))
	}
}
