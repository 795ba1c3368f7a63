package benchmarks

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// getter is what everything that BenchmarkToken measures is reduced to: the text
// of a valid token, which is what a request needs in the end.
type getter func(context.Context) (string, error)

// subject is one value of the key store=.
type subject struct {
	name string
	// open returns a getter that asks gw if it has no token. What it opens, it
	// closes in tb's Cleanup.
	open func(tb testing.TB, gw *gateway) getter
}

// subjects returns everything that BenchmarkToken measures: our stores, then the
// competitors, each in a file of its own, then the floors.
func subjects() []subject {
	var all []subject
	for _, s := range stores {
		all = append(all, s.subject())
	}
	return append(all,
		subject{"oauth2-reuse", openOAuth2},
		subject{"aws-credentials", openAWS},
		subject{"cloud-auth", openCloudAuth},
		subject{"otter", openOtter},
		subject{"pointer-load", openPointer},
		subject{"pointer-load+time.Now", openPointerAndClock},
	)
}

// lifetime is long enough that no token ends or is renewed while it is measured.
const lifetime = 55 * time.Minute

// tokenText is as long as a small JWT.
var tokenText = strings.Repeat("abcdefghij0123456789", 20)

// gateway stands for whoever issues tokens, and counts the requests.
type gateway struct{ requests atomic.Int64 }

// issue returns the text of a token and when it was issued and ends.
func (g *gateway) issue() (text string, issued, expiry time.Time) {
	g.requests.Add(1)
	now := time.Now()
	return tokenText, now, now.Add(lifetime)
}

// fetch is issue in the words of the library.
func (g *gateway) fetch(context.Context) (store.Token, error) { return store.NewToken(g.issue()) }

// quiet returns a logger that is asked as the default one is, but writes nothing
// between the results.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// openPointer is the floor: what a token costs that nobody asks whether it still
// holds.
func openPointer(_ testing.TB, gw *gateway) getter {
	var p atomic.Pointer[string]
	text, _, _ := gw.issue()
	p.Store(&text)
	return func(context.Context) (string, error) { return *p.Load(), nil }
}

// openPointerAndClock is the floor for everybody who reads the clock on a hit.
func openPointerAndClock(_ testing.TB, gw *gateway) getter {
	type token struct {
		text   string
		expiry time.Time
	}
	var p atomic.Pointer[token]
	text, _, expiry := gw.issue()
	p.Store(&token{text, expiry})
	return func(context.Context) (string, error) {
		tok := p.Load()
		if !time.Now().Before(tok.expiry) {
			return "", store.ErrNotFound
		}
		return tok.text, nil
	}
}
