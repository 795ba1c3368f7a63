package benchmarks

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// gateway stands for whoever issues tokens, and counts the requests. Its zero value
// answers at once, and its tokens outlive every benchmark.
type gateway struct {
	latency time.Duration // of one token request
	life    time.Duration // of a token; 0 means 55 minutes
	ahead   time.Duration // how long before its end those renew it who can; 0 means a tenth of the life
	down    bool          // every request fails
	same    bool          // all identities get one and the same token, which costs nothing more
	text    string        // of a token that outlives the benchmark; "" means tokenText

	requests atomic.Int64
	ends     sync.Map // of tokens that end soon: when each text does
	once     sync.Once
	the      store.Token // if all are the same
}

// issued is a token as it comes from the gateway.
type issued struct {
	text       string
	at, expiry time.Time
}

// issuing makes a token request.
type issuing func(context.Context) (issued, error)

func (t issued) tuple() (text string, at, expiry time.Time) { return t.text, t.at, t.expiry }

var errDown = errors.New("the gateway is down")

// issue is one token request.
func (g *gateway) issue(ctx context.Context) (issued, error) {
	n, now := g.requests.Add(1), time.Now()
	if g.latency > 0 {
		select {
		case <-time.After(g.latency):
		case <-ctx.Done():
			return issued{}, ctx.Err()
		}
	}
	if g.down {
		return issued{}, errDown
	}
	t := issued{cmp.Or(g.text, tokenText), now, now.Add(g.lifetime())}
	if g.life > 0 {
		t.text = fmt.Sprint(tokenText, n)
		g.ends.Store(t.text, t.expiry)
	}
	return t, nil
}

// ended reports whether a token that ends soon had ended by then.
func (g *gateway) ended(text string, by time.Time) bool {
	end, _ := g.ends.Load(text)
	return by.After(end.(time.Time))
}

// fetch is issue in the words of the library.
func (g *gateway) fetch(ctx context.Context) (store.Token, error) {
	if g.same {
		g.once.Do(func() { g.the = must(store.NewToken(must(g.issue(ctx)).tuple())) })
		return g.the, nil
	}
	t, err := g.issue(ctx)
	if err != nil {
		return store.Token{}, err
	}
	return store.NewToken(t.tuple())
}

func (g *gateway) lifetime() time.Duration {
	if g.life == 0 {
		return 55 * time.Minute
	}
	return g.life
}

// renewal is how long before its end a token is renewed by whoever does that.
func (g *gateway) renewal() time.Duration {
	if g.ahead == 0 {
		return g.lifetime() / 10
	}
	return g.ahead
}

// tokenText is as long as a small JWT, longToken as one with an RSA signature and some
// claims.
var (
	tokenText = strings.Repeat("abcdefghij0123456789", 20)
	longToken = strings.Repeat("abcdefghij0123456789", 55)
)

// quiet returns a logger that is asked as the default one is, but writes nothing
// between the results.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// brief reports whether everything is to run just once, to see that it runs: then
// long scenarios are small, and their figures mean nothing.
func brief() bool { return flag.Lookup("test.benchtime").Value.String() == "1x" }

// pick returns what suits the run.
func pick[T any](full, short T) T {
	if brief() {
		return short
	}
	return full
}

// scope is a TB for a part of a benchmark: what is opened in it is closed by end.
type scope struct {
	testing.TB
	last []func()
}

func (s *scope) Cleanup(f func()) { s.last = append(s.last, f) }

func (s *scope) end() {
	for _, f := range slices.Backward(s.last) {
		f()
	}
}
