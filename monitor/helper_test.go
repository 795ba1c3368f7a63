package monitor_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// kanzlei is an office with a fake of its own, and what watches it.
type kanzlei struct {
	monitor.Office
	t    testing.TB
	fake *clienttest.Server
	far  *farStore
	more int // how many calls are reported beside each
}

// newKanzlei makes one, with a far store if it is to have one.
func newKanzlei(t testing.TB, name string, withFar bool, opts clienttest.Options) *kanzlei {
	t.Helper()
	cfg, fake := advowaretest.Config(t, opts)
	k := &kanzlei{t: t, fake: fake, Office: monitor.Office{Name: name, History: new(monitor.History)}}
	if withFar {
		k.far = new(farStore)
		stores, err := advoware.UseTiers(nil, k.far, tiered.Config{FarName: "Redis", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stores.Close() })
		cfg.Shared, cfg.Store = stores, advoware.StoreTiered
	}
	cfg.Hooks = k.History.Hooks(cfg.Hooks)
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	k.Client = c
	return k
}

// call makes a call that takes some time, and reports it.
func (k *kanzlei) call(took time.Duration) error {
	start := time.Now()
	_, err := k.Client.Call(k.t.Context(), client.Request{Endpoint: "/employees"})
	if err == nil {
		time.Sleep(took)
		k.History.Called(time.Since(start))
		for range k.more {
			k.History.Called(time.Duration(rand.ExpFloat64() * float64(took)))
		}
	}
	return err
}

// farStore is a store that processes share, and that may be down.
type farStore struct {
	store.Map
	down atomic.Bool
}

var errDown = errors.New("connection refused")

func (f *farStore) Get(ctx context.Context, key string) (store.Token, error) {
	if f.down.Load() {
		return store.Token{}, errDown
	}
	return f.Map.Get(ctx, key)
}

func (f *farStore) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if f.down.Load() {
		return store.Token{}, errDown
	}
	return f.Map.CompareAndSwap(ctx, key, old, tok)
}

func (f *farStore) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if f.down.Load() {
		return errDown
	}
	return f.Map.CompareAndDelete(ctx, key, old)
}

// newMonitor watches offices until the test ends, or until close is called.
func newMonitor(t testing.TB, cfg monitor.Config, offices ...*kanzlei) *monitor.Monitor {
	t.Helper()
	for _, k := range offices {
		cfg.Offices = append(cfg.Offices, k.Office)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := monitor.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// get asks for one address, with a header if there is one.
func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	return send(h, http.MethodGet, path, header...)
}

func send(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:9464"+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// hostile is the name of an office that nobody should have.
const hostile = `</title><script>alert(1)</script><img src=x onerror=alert(2)> "Müller" & 'Söhne' {{.}} \x`
