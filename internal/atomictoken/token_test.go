package atomictoken_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/store"
)

func newToken(t testing.TB, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Time{}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestToken(t *testing.T) {
	var a atomictoken.Token
	if got := a.Load(); !got.IsZero() {
		t.Fatalf("the zero value holds %v", got)
	}
	for _, tok := range []store.Token{newToken(t, "first"), newToken(t, "first"), {}, newToken(t, "second"), {}} {
		a.Store(tok)
		if got := a.Load(); got != tok {
			t.Errorf("got %v, want that copy of %v", got, tok)
		}
	}
}

// Readers get whole tokens, and none from before one that they have seen.
func TestTokenConcurrently(t *testing.T) {
	const last = 1000
	var a atomictoken.Token
	a.Store(newToken(t, "0"))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for seen := 0; seen < last; {
				n, err := strconv.Atoi(a.Load().Reveal())
				if err != nil || n < seen {
					t.Errorf("got %d, %v after %d", n, err, seen)
					return
				}
				seen = n
			}
		})
	}
	for i := range last + 1 {
		a.Store(newToken(t, strconv.Itoa(i)))
	}
	group.Wait()
}

func TestTokenPrintsFingerprintOnly(t *testing.T) {
	const text = "swordfish-and-23-more-bytes"
	var a atomictoken.Token
	a.Store(newToken(t, text))
	leaktest.Check(t, "Token", &a, text)
}

func TestTokenDoesNotAllocate(t *testing.T) {
	var a atomictoken.Token
	tok, other := newToken(t, "token"), newToken(t, "other")
	alloctest.None(t, func() {
		a.Store(tok)
		a.Store(other)
		if a.Load() != other {
			t.Error("not stored")
		}
	})
}
