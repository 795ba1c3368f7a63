package discovery_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// vendor is the service that knows where each Kanzlei is.
type vendor struct {
	url  string
	mu   sync.Mutex
	says map[string]string // by Kanzlei
	slow time.Duration
	hang bool
	n    int
}

func startVendor(t testing.TB) *vendor {
	v := &vendor{says: map[string]string{}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.n++
		said, slow, hang := v.says[r.URL.Query().Get("Kanzlei")], v.slow, v.hang
		v.mu.Unlock()
		if hang {
			<-r.Context().Done()
			return
		}
		<-time.After(slow)
		if said == "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, said)
	}))
	t.Cleanup(srv.Close)
	v.url = srv.URL + "/AdvonetConfigurator/api/Url"
	return v
}

func (v *vendor) change(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

func (v *vendor) asked() (n int) { v.change(func() { n = v.n }); return n }

func (v *vendor) wantAsked(t testing.TB, want int) {
	t.Helper()
	if n := v.asked(); n != want {
		t.Errorf("the vendor was asked %d times, want %d", n, want)
	}
}

// relay is an answer for an office on the vendor's relay, connector for one with its own.
func relay(fake *clienttest.Server) string {
	return fmt.Sprintf(`{"relayUrl":%q,"connectorUrl":null,"securityGateway":%q}`, fake.BaseURL(), root(fake.TokenURL()))
}

func connector(fake, gateway *clienttest.Server) string {
	return fmt.Sprintf(`{"relayUrl":"https://relay.invalid:90/","connectorUrl":%q,"securityGateway":%q}`, fake.BaseURL(), root(gateway.TokenURL()))
}

func root(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err)
	}
	u.Path = "/"
	return u.String()
}

// discovering returns a configuration by which the vendor is asked, and nobody else is
// called: what is meant for the real servers goes to a fake.
func discovering(cfg advoware.Config, v *vendor, fake *clienttest.Server) advoware.Config {
	cfg.BaseURL, cfg.TokenURL, cfg.DiscoveryURL = "", "", v.url
	cfg.Transport = instead{fake}
	return cfg
}

// instead sends what is meant for the vendor's servers to a fake.
type instead struct{ fake *clienttest.Server }

func (i instead) RoundTrip(req *http.Request) (*http.Response, error) {
	for real, fake := range map[string]string{client.DefaultBaseURL: i.fake.BaseURL(), gateway.DefaultURL: i.fake.TokenURL()} {
		if u, err := url.Parse(real); err == nil && u.Host == req.URL.Host {
			out, to := req.Clone(req.Context()), *req.URL
			at, err := url.Parse(fake)
			if err != nil {
				return nil, err
			}
			to.Scheme, to.Host = at.Scheme, at.Host
			out.URL, out.Host = &to, ""
			return http.DefaultTransport.RoundTrip(out)
		}
	}
	if !strings.HasPrefix(req.URL.Host, "127.0.0.1:") {
		return nil, fmt.Errorf("a test calls %s", req.URL.Host)
	}
	return http.DefaultTransport.RoundTrip(req)
}

// memory is a configuration without a Redis.
func memory(t testing.TB, fake *clienttest.Server) advoware.Config {
	t.Helper()
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreMemory)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	return cfg
}

var (
	open     = e2etest.Open
	mustCall = e2etest.MustCall
)

func wantBase(t testing.TB, c *client.Client, fake *clienttest.Server) {
	t.Helper()
	if base, err := c.BaseURL(t.Context()); err != nil || base.String() != fake.BaseURL() {
		t.Errorf("the base URL is %v, %v; want %s", base, err, fake.BaseURL())
	}
}

// rawJSON is a body that is sent as it is.
type rawJSON []byte

func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }
