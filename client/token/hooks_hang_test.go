package token_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
)

// A hook or a logger that hangs holds up what it is called from for a second, and nobody
// for longer than two of them.
func TestHooksAndLoggersThatHangHoldNobodyUp(t *testing.T) {
	for _, place := range []string{"FetchStart", "FetchDone", "Rotated", "Rejected", "RenewalPlanned", "Lapsed", "Handle"} {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang := func(where string) {
					if where == place {
						time.Sleep(10 * time.Hour)
					}
				}
				g := new(gateway)
				s, err := token.New(token.Config{
					Store: new(store.Map), Key: key, Fetch: g.fetch, Logger: slog.New(hangingLog(func() { hang("Handle") })),
					Hooks: token.Hooks{
						FetchStart: func() { hang("FetchStart") }, FetchDone: func(token.Fetch) { hang("FetchDone") },
						Rotated: func(token.Rotation) { hang("Rotated") }, Rejected: func(store.Token) { hang("Rejected") },
						RenewalPlanned: func(store.Token, time.Time) { hang("RenewalPlanned") }, Lapsed: func(store.Token) { hang("Lapsed") },
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				for round := range 3 {
					var f token.Found
					for _, call := range []struct {
						name string
						do   func() error
					}{
						{"Lookup", func() (err error) { f, err = s.Lookup(t.Context(), 0); return err }},
						{"Reject", func() error { return s.Reject(t.Context(), f.Token) }},
						{"Contradicted", func() error { foundhook.Contradicted(f); return nil }},
					} {
						began := time.Now()
						if err := call.do(); err != nil {
							t.Errorf("round %d: %s: %v", round, call.name, err)
						}
						if took := time.Since(began); took > 2*time.Second {
							t.Errorf("round %d: %s took %v", round, call.name, took)
						}
					}
					time.Sleep(2 * time.Hour) // the token lapses
				}
				s.Close()
				time.Sleep(20 * time.Hour)
			})
		})
	}
}

// hangingLog is a slog.Handler that calls a function for each record.
type hangingLog func()

func (hangingLog) Enabled(context.Context, slog.Level) bool    { return true }
func (h hangingLog) Handle(context.Context, slog.Record) error { h(); return nil }
func (h hangingLog) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h hangingLog) WithGroup(string) slog.Handler             { return h }
