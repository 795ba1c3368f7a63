package token_test

import (
	"log/slog"
	"testing"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// BenchmarkLazyHit is a hit of a lazy Source, which reads the clock, beside one of another.
func BenchmarkLazyHit(b *testing.B) {
	mem, err := memory.New(memory.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer mem.Close()
	for name, cfg := range map[string]token.Config{
		"lazy=true": {Lazy: true, Store: new(store.Map)}, "lazy=false": {Store: mem},
	} {
		b.Run(name, func(b *testing.B) {
			cfg.Key, cfg.Fetch, cfg.Logger = key, new(gateway).fetch, slog.New(slog.DiscardHandler)
			s, err := token.New(cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Token(b.Context(), 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
