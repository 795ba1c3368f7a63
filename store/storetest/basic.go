package storetest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/store"
)

var none store.Token

func getAbsent(s *subject) { s.holds(none) }

func swapIntoEmpty(s *subject) { s.holds(s.put()) }

func swapRightOld(s *subject) {
	old := s.put()
	for range 3 {
		tok := fresh(long)
		s.swap(old, tok, tok)
		s.holds(tok)
		old = tok
	}
}

func swapWrongOld(s *subject) {
	there := s.put()
	s.swap(fresh(long), fresh(long), there)
	s.holds(there)
}

func swapZeroOld(s *subject) {
	there := s.put()
	s.swap(none, fresh(long), there)
	s.holds(there)
}

func swapOldAbsent(s *subject) {
	never, tok := fresh(long), fresh(long)
	s.swap(never, tok, tok)
	s.holds(tok)
	s.delete(tok)
	next := fresh(long)
	s.swap(tok, next, next)
	s.holds(next)
}

func swapEqualCopy(s *subject) {
	copied := token(s.put().Reveal(), long/2)
	tok := fresh(long)
	s.swap(copied, tok, tok)
	s.holds(tok)
}

func swapUnusable(s *subject) {
	expired := fresh(-time.Millisecond)
	refused := func(old, tok store.Token) {
		s.Helper()
		if got, err := s.store.CompareAndSwap(s.Context(), s.key, old, tok); !errors.Is(err, store.ErrUnusable) {
			s.Errorf("CompareAndSwap(%v, %v) = %v, error %v, want an error that matches ErrUnusable", old, tok, got, err)
		}
	}
	refused(none, none)
	refused(none, expired)
	s.holds(none)
	there := s.put()
	refused(there, none)
	s.holds(there)
	refused(there, expired)
	s.holds(there)
}

func deleteExact(s *subject) {
	s.delete(s.put())
	s.holds(none)
	s.delete(token(s.put().Reveal(), long/2))
	s.holds(none)
}

func deleteOlder(s *subject) {
	old, newer := s.put(), fresh(long)
	s.swap(old, newer, newer)
	s.delete(old)
	s.holds(newer)
}

func deleteZero(s *subject) {
	there := s.put()
	s.delete(none)
	s.holds(there)
}

func deleteAbsent(s *subject) {
	s.delete(fresh(long))
	s.delete(none)
	s.holds(none)
}

func keys(s *subject) {
	x := strings.Repeat("x", 300)
	tokens := make(map[string]store.Token)
	for _, end := range []string{"", " ", "  ", "\t", "a", "A", "{a}", "{b}", "{}", "}", "*", "?", "%20", "/", "/..", `\`, "ü", "u\u0308", "日本", x, x + "y", x + "z"} {
		key := s.key + end
		s.holdsAt(key, none)
		tokens[key] = fresh(long)
		s.swapAt(key, none, tokens[key], tokens[key])
	}
	for key, tok := range tokens {
		s.holdsAt(key, tok)
	}
	s.delete(tokens[s.key])
	tokens[s.key] = none
	for key, tok := range tokens {
		s.holdsAt(key, tok)
	}
}

func text(s *subject) {
	var visible []byte
	for c := byte('!'); c <= '~'; c++ {
		visible = append(visible, c)
	}
	longest := strings.Repeat("0123456789abcdef", store.MaxTokenBytes/16)
	for i, text := range []string{string(visible), longest, "0", "null", "[]", `"quoted"`, "%41", "a+b=", "'"} {
		tok := token(text, long)
		stands, err := s.store.CompareAndSwap(s.Context(), s.key, none, tok)
		if err != nil {
			s.Fatalf("CompareAndSwap of text %d: %v", i, err)
		}
		for _, got := range []store.Token{stands, s.holds(tok)} {
			if got.Reveal() != text {
				s.Errorf("text %d of %d bytes came back as another one of %d bytes", i, len(text), len(got.Reveal()))
			}
			if h := got.Header(); len(h) != 1 || h[0] != "Bearer "+text {
				s.Errorf("text %d came back with another Header", i)
			}
		}
		s.delete(tok)
	}
}

func cancelled(s *subject) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	obeyed := func(what string, err error) {
		s.Helper()
		if err != nil && !errors.Is(err, context.Canceled) {
			s.Errorf("%s with a cancelled context: %v, want no error or context.Canceled", what, err)
		}
	}
	old := s.put()
	got, err := s.store.Get(ctx, s.key)
	obeyed("Get", err)
	if err == nil && !got.Equal(old) {
		s.Errorf("Get with a cancelled context = %v, want %v", got, old)
	}
	tok := fresh(long)
	stands, err := s.store.CompareAndSwap(ctx, s.key, old, tok)
	obeyed("CompareAndSwap", err)
	there, gerr := s.store.Get(s.Context(), s.key)
	switch {
	case gerr != nil || !there.Equal(old) && !there.Equal(tok):
		s.Errorf("after a CompareAndSwap with a cancelled context Get = %v, error %v, want old or new", there, gerr)
	case err == nil && (!stands.Equal(tok) || !there.Equal(tok)):
		s.Errorf("CompareAndSwap with a cancelled context = %v without error, then Get = %v, want %v", stands, there, tok)
	}
	err = s.store.CompareAndDelete(ctx, s.key, there)
	obeyed("CompareAndDelete", err)
	if err == nil {
		s.holds(none)
	}
}

// ended tries each method with contexts that ended in other ways than by a plain cancel.
func ended(s *subject) {
	late, cancel := context.WithDeadline(s.Context(), time.Now().Add(-time.Hour))
	defer cancel()
	because, end := context.WithCancelCause(s.Context())
	end(errors.New("storetest: because of somebody else"))
	lateBecause, endLate := context.WithDeadlineCause(s.Context(), time.Now().Add(-time.Hour), errors.New("storetest: too late"))
	defer endLate()
	old := s.put()
	for i, ctx := range []context.Context{late, because, lateBecause} {
		own := func(what string, err error) {
			s.Helper()
			if err == nil || what == "Get of nothing" && errors.Is(err, store.ErrNotFound) {
				return
			}
			var timeout interface{ Timeout() bool }
			if !errors.Is(err, ctx.Err()) || ctx.Err() == context.DeadlineExceeded && (!errors.As(err, &timeout) || !timeout.Timeout()) {
				s.Errorf("%s with a context that ended with %v (cause: %v): %v", what, ctx.Err(), context.Cause(ctx), err)
			}
		}
		absent := s.key + strconv.Itoa(i)
		_, err := s.store.Get(ctx, absent)
		own("Get of nothing", err)
		own("CompareAndDelete of nothing", s.store.CompareAndDelete(ctx, absent, old))
		_, err = s.store.CompareAndSwap(ctx, absent, none, fresh(long))
		own("CompareAndSwap into nothing", err)
		_, err = s.store.Get(ctx, s.key)
		own("Get", err)
		own("CompareAndDelete", s.store.CompareAndDelete(ctx, s.key, fresh(long))) // of another token
		_, err = s.store.CompareAndSwap(ctx, s.key, fresh(long), fresh(long))
		own("CompareAndSwap", err)
		s.holds(old) // none of them has changed it
	}
}
