//go:build !race

package canary_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
	"github.com/advoware-go/advoware/secret"
)

// Whatever a client meets, nothing that the monitor answers has a secret in it.
func TestCanaryMonitor(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	var answer http.HandlerFunc
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	t.Cleanup(gateway.Close)
	watched := func(name string, change func(*advoware.Config)) (*client.Client, monitor.Office) {
		cfg, h := k.cfg, new(monitor.History)
		change(&cfg)
		cfg.Hooks = h.Hooks(cfg.Hooks)
		c, err := advoware.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		k.behind("history", h)
		return c, monitor.Office{Name: name, Client: c, History: h}
	}
	good, goodOffice := watched("good", func(*advoware.Config) {})
	refused, refusedOffice := watched("refused", func(cfg *advoware.Config) { cfg.Password = secret.New(otherPassword) })
	echoed, echoedOffice := watched("echoed", func(cfg *advoware.Config) { cfg.TokenURL = gateway.URL })
	m, err := monitor.New(monitor.Config{Offices: []monitor.Office{goodOffice, refusedOffice, echoedOffice}, Logger: k.logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	answers := 0
	look := func() {
		t.Helper()
		for _, path := range []string{"/", "/livez", "/readyz", "/readyz?verbose", "/readyz?office=echoed", "/metrics", "/debug/status", "/nowhere?" + url.QueryEscape(canaryPassword)} {
			for _, accept := range []string{"", "application/json"} {
				r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
				r.Header.Set("Accept", accept)
				w := httptest.NewRecorder()
				m.ServeHTTP(w, r)
				k.text(r.URL.Path, fmt.Sprint(w.Header(), w.Body))
				answers += w.Body.Len()
			}
		}
		k.behind("monitor", m)
	}
	look()
	k.mustCall(good)
	_ = k.mustFail(refused, "/employees")
	look()
	k.fake.RevokeAll()
	k.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Body: "you sent " + k.bearer(good)})
	_ = k.call(good, "/employees")
	k.mustCall(good)
	look()
	for _, escape := range escapes[:8] {
		for _, status := range []int{500, 401} {
			answer = func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				signature := k.signature(body)
				w.Header().Set("Retry-After", signature)
				w.WriteHeader(status)
				text, _ := json.Marshal(escape(canaryPassword) + " ist nicht angemeldet " + escape(signature))
				fmt.Fprintf(w, `{"message":%s}`, text)
			}
			_, err := echoed.Source().Refresh(t.Context())
			k.failure("Refresh", err)
			look()
		}
	}
	m.Drain()
	look()
	if answers < 100_000 {
		t.Errorf("%d bytes were answered: that is not all of it", answers)
	}
	k.end(good, refused, echoed)
}
