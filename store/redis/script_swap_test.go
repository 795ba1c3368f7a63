package redis_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A tok that is already there, written by somebody who knew less or more of it,
// is not touched.
func TestSameTokenStands(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	srv.Do("SET", tokenKey, "tok", "EX", "1000")
	got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", 10*time.Minute))
	if err != nil || got.Reveal() != "tok" {
		t.Fatalf("stands %v, %v", got, err)
	}
	wantNear(t, "expiry", got.Expiry(), time.Now().Add(1000*time.Second+margin))
	if ttl := pttl(t, srv, tokenKey); ttl < 900*time.Second {
		t.Errorf("shortened to %v", ttl)
	}
}

func TestDeleteTakesTheMetadataAlong(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	tok := token(t, "tok", longest)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil {
		t.Fatal(err)
	}
	if n := srv.Do("EXISTS", tokenKey, metadataKey); n != int64(0) {
		t.Errorf("%v keys are left", n)
	}
	if _, ok := srv.Do("GET", stampKey).(string); !ok {
		t.Error("the timestamp key is gone; it is not ours alone")
	}
	wantTTLs(t, srv)
}

func TestForgottenScripts(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	tok := token(t, "tok", longest)
	srv.Do("SCRIPT", "FLUSH")
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || got != tok {
		t.Errorf("swap: %v, %v", got, err)
	}
	srv.Do("SCRIPT", "FLUSH")
	if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil || srv.Do("EXISTS", tokenKey) != int64(0) {
		t.Errorf("delete: %v, or it is still there", err)
	}
}

// In each round many goroutines of two processes try to replace the same token,
// and others to delete the one before: one wins, all learn who, and no late
// delete hits.
func TestSwapRace(t *testing.T) {
	srv := redistest.Start(t)
	stores := []*redisstore.Store{newStore(t, srv, redisstore.Config{}), newStore(t, srv, redisstore.Config{})}
	var before, current store.Token
	for round := range 20 {
		var wg sync.WaitGroup
		stands := make([]store.Token, 32)
		for i := range stands {
			s := stores[i%2]
			mine := token(t, fmt.Sprintf("round-%d-%d", round, i), longest)
			wg.Go(func() {
				var err error
				if stands[i], err = s.CompareAndSwap(t.Context(), tokenKey, current, mine); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := s.CompareAndDelete(t.Context(), tokenKey, before); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		there := srv.Do("GET", tokenKey)
		for i, tok := range stands {
			if tok.Reveal() != there {
				t.Fatalf("round %d: %q is there, but goroutine %d was told %q", round, there, i, tok.Reveal())
			}
		}
		before, current = current, stands[0]
	}
	if n := stores[0].Stats().Writes + stores[1].Stats().Writes; n != 20 {
		t.Errorf("%d writes in 20 rounds", n)
	}
	wantTTLs(t, srv)
}

// A token is never paired with the TTL of the one before or after it.
func TestReadRace(t *testing.T) {
	srv := redistest.Start(t)
	s, conn := newStore(t, srv, redisstore.Config{}), srv.Dial()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			life := 1000 * (1 + i%2)
			if _, err := conn.Do("SET", tokenKey, "lives-"+strconv.Itoa(life), "EX", strconv.Itoa(life)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 2000 {
		tok, err := s.Get(t.Context(), tokenKey)
		if errors.Is(err, store.ErrNotFound) {
			continue // before the first SET
		}
		if err != nil {
			t.Fatal(err)
		}
		var life int
		_, _ = fmt.Sscanf(tok.Reveal(), "lives-%d", &life)
		wantNear(t, tok.Reveal()+": expiry", tok.Expiry(), time.Now().Add(time.Duration(life)*time.Second+margin))
	}
	close(stop)
	<-stopped
}
