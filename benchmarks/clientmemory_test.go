package benchmarks

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// vendorStub is the gateway and the API in memory.
type vendorStub struct{ gateway issuer }

func (v vendorStub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost {
		return v.gateway.RoundTrip(req)
	}
	return stub{}.RoundTrip(req)
}

// BenchmarkClientMemory is what one more Kanzlei costs a process: a Client on the Stores that
// all share, in bytes of heap, goroutines and timers. state=new is one that has not been used;
// state=used has made a call, and has its token, which is most of that. ns/op means nothing.
func BenchmarkClientMemory(b *testing.B) {
	keys := newPopulation(pick(2000, 500)).keys
	cfg := advoware.Config{
		BaseURL: "http://127.0.0.1/", TokenURL: "http://127.0.0.1/token", Discovery: advoware.DiscoveryOff,
		App: signMessage.App, Kanzlei: "Kanzlei", Database: "Datenbank", User: "api", Password: secret.New("password"), Key: must(signer.ParseKey(signKey)),
		Store: advoware.StoreMemory, Transport: vendorStub{issuer{fmt.Sprintf(tokenAnswer, tokenText)}}, Logger: quiet(),
	}
	for _, state := range []string{"new", "used"} {
		b.Run("layer=client/state="+state, func(b *testing.B) {
			for b.Loop() {
				idle(b, keys, func(tb testing.TB) filling {
					cfg := cfg
					cfg.Shared = must(advoware.OpenStores(cfg))
					tb.Cleanup(func() { _ = cfg.Shared.Close() })
					first := openKanzlei(cfg, "the-first-one")
					_ = must(first.Call(tb.Context(), client.Request{Endpoint: "/employees"}))
					return func(keys []string) (keep func()) {
						all := make([]*client.Client, len(keys))
						tb.Cleanup(func() { // one for all: the stack that a Cleanup keeps is not the library's
							for _, c := range append(all, first) {
								_ = c.Close()
							}
						})
						for i, key := range keys {
							all[i] = openKanzlei(cfg, key)
							if state == "used" {
								_ = must(all[i].Call(tb.Context(), client.Request{Endpoint: "/employees"}))
							}
						}
						return func() { runtime.KeepAlive(all) }
					}
				})
			}
		})
	}
}

func openKanzlei(cfg advoware.Config, key string) *client.Client {
	cfg.TokenKey, cfg.Kanzlei = key, key
	return must(advoware.New(cfg))
}
