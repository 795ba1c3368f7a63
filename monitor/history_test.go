package monitor_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/monitor"
	"github.com/advoware-go/advoware/store"
)

// The hooks of a program are called as before, all of them.
func TestHooksAreChained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
		var mu sync.Mutex // hooks are called on goroutines of their own
		called := make(map[string]int)
		count := func(name string) {
			mu.Lock()
			defer mu.Unlock()
			called[name]++
		}
		own := token.Hooks{
			FetchStart:     func() { count("FetchStart") },
			FetchDone:      func(token.Fetch) { count("FetchDone") },
			Rotated:        func(token.Rotation) { count("Rotated") },
			Rejected:       func(store.Token) { count("Rejected") },
			RenewalPlanned: func(store.Token, time.Time) { count("RenewalPlanned") },
			Lapsed:         func(store.Token) { count("Lapsed") },
		}
		var h monitor.History
		cfg.Hooks = h.Hooks(own)
		c, err := advoware.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		call := func() {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
				t.Error(err)
			}
		}
		call()
		fake.RevokeAll()
		call()
		time.Sleep(3 * time.Hour) // it lapses
		mu.Lock()
		defer mu.Unlock()
		for _, name := range []string{"FetchStart", "FetchDone", "Rotated", "Rejected", "RenewalPlanned", "Lapsed"} {
			if called[name] == 0 {
				t.Errorf("%s is not called any more", name)
			}
		}
		m := newMonitor(t, monitor.Config{Every: -1, Offices: []monitor.Office{{Name: "one", Client: c, History: &h}}})
		page := get(m, "/").Body.String()
		for _, want := range []string{"Token fetched", "The API refused 1 token (401)", "median of "} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
	})
}

// Without hooks a monitor sees what there is to see.
func TestWithoutHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, "one", true, clienttest.Options{InMemory: true})
		k.Office.History = nil
		m := newMonitor(t, monitor.Config{}, k)
		call := func() error {
			_, err := k.Client.Call(t.Context(), client.Request{Endpoint: "/employees"})
			return err
		}
		k.fake.Inject(clienttest.Fault{Refusal: clienttest.NotEnabled})
		_ = call()
		time.Sleep(5 * time.Minute)
		if err := call(); err != nil {
			t.Fatal(err)
		}
		k.far.down.Store(true)
		k.fake.RevokeAll()
		_ = call()
		time.Sleep(time.Minute)
		k.far.down.Store(false)
		for range 300 {
			time.Sleep(time.Minute)
			_ = call()
		}
		page := get(m, "/").Body.String()
		for _, want := range []string{"Token request refused: product or employee not enabled, over after 5 min", "Token fetched", "Redis down, over after ", "Token renewed"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
	})
}
