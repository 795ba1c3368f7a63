package subject_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/store"
)

// own is a store of somebody else's.
func own(opened, closed *int) subject.Store {
	return subject.Store{Name: "own", Open: func(subject.Site) (store.Store, func() error, error) {
		*opened++
		return new(store.Map), func() error { *closed++; return nil }, nil
	}}
}

func TestSubjects(t *testing.T) {
	var opened, closed int
	short := subject.Life{Lifetime: 20 * time.Second, Guard: time.Second, Margin: 2 * time.Second}
	for name, tt := range map[string]struct {
		store subject.Store
		life  subject.Life
		load  subject.Load
	}{
		"memory, lookups":     {subject.Stores()[0], subject.Life{}, subject.Lookup},
		"memory, calls":       {subject.Stores()[0], subject.Life{}, subject.Call},
		"memory, short lives": {subject.Stores()[0], short, subject.Lookup},
		"own, calls":          {own(&opened, &closed), subject.Life{}, subject.Call},
		"own, short lives":    {own(&opened, &closed), short, subject.Lookup},
	} {
		t.Run(name, func(t *testing.T) {
			fake := clienttest.Start(t, clienttest.Options{Lifetime: tt.life.Lifetime})
			var log event.Log
			log.Start(time.Now())
			s, err := subject.Open(subject.Config{
				Store: tt.store, Load: tt.load, Env: fake.Env(), Events: &log,
				Site: subject.Site{Life: tt.life, Logger: slog.New(slog.DiscardHandler)},
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := fake.Counts().TokenRequests; n != 0 {
				t.Errorf("%d token requests before the first call", n)
			}
			if err := s.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			warm := s.Counts()
			for range 3 {
				if err := s.Call(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.Counts().Minus(warm); warm.Waits != 1 || got != (subject.Counts{Hits: 3}) {
				t.Errorf("%+v, then %+v", warm, got)
			}
			counts := fake.Counts()
			if calls := counts.APICalls; counts.TokenRequests != 1 || (calls == 0) != (tt.load == subject.Lookup) {
				t.Errorf("%d token requests, %d calls", counts.TokenRequests, calls)
			}
			if e := log.Events(); len(e) != 2 || e[0].Kind != event.Request || e[1].Kind != event.Token {
				t.Errorf("events %v", e)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if opened != 2 || closed != 2 {
		t.Errorf("the own store was opened %d times and closed %d times", opened, closed)
	}
}

func TestStoreThatDoesNotOpen(t *testing.T) {
	broken := errors.New("broken")
	fake := clienttest.Start(t, clienttest.Options{})
	_, err := subject.Open(subject.Config{
		Store: subject.Store{Name: "own", Open: func(subject.Site) (store.Store, func() error, error) { return nil, nil, broken }},
		Env:   fake.Env(), Events: new(event.Log), Site: subject.Site{Logger: slog.New(slog.DiscardHandler)},
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := subject.Open(subject.Config{Store: subject.Stores()[0], Events: new(event.Log)}); err == nil {
		t.Error("a client without an environment is opened")
	}
}

// panicking is a store with a fault.
type panicking struct{ store.Map }

func (*panicking) Get(context.Context, string) (store.Token, error) { panic("a fault") }

// A panic of a store is an error of what was called, and does not end the process.
func TestStoreThatPanics(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	open := func(s store.Store, load subject.Load) (*subject.Subject, error) {
		return subject.Open(subject.Config{
			Load: load, Env: fake.Env(), Events: new(event.Log), Site: subject.Site{Logger: slog.New(slog.DiscardHandler)},
			Store: subject.Store{Name: "own", Open: func(subject.Site) (store.Store, func() error, error) {
				if s == nil {
					panic("a fault")
				}
				return s, func() error { panic("a fault") }, nil
			}},
		})
	}
	isFault := func(err error) bool { return err != nil && strings.Contains(err.Error(), "panic: a fault") }
	if _, err := open(nil, subject.Lookup); !isFault(err) {
		t.Errorf("Open: %v", err)
	}
	for _, load := range []subject.Load{subject.Lookup, subject.Call} {
		s, err := open(new(panicking), load)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Warm(t.Context()); !isFault(err) {
			t.Errorf("Warm: %v", err)
		}
		before := s.Counts()
		if err := s.Call(t.Context()); !isFault(err) {
			t.Errorf("Call: %v", err)
		}
		if got := s.Counts().Minus(before); load == subject.Lookup && got != (subject.Counts{Waits: 1}) {
			t.Errorf("%+v, want one lookup that failed", got)
		}
		if err := s.Close(); !isFault(err) {
			t.Errorf("Close: %v", err)
		}
	}
}

// late is a store that fails every other time, or always.
type late struct {
	store.Map
	asked  atomic.Int64
	always bool
}

func (l *late) Get(ctx context.Context, key string) (store.Token, error) {
	if l.asked.Add(1)%2 == 1 || l.always {
		return store.Token{}, errors.New("late")
	}
	return l.Map.Get(ctx, key)
}

// A store that is late now and then does not keep many tenants from their tokens.
func TestFetchAllAsksAgain(t *testing.T) {
	const tenants = 20
	for _, always := range []bool{false, true} {
		fake := clienttest.Start(t, clienttest.Options{})
		id := fake.Identities()[0]
		for i := range tenants {
			id.Kanzlei = subject.Tenant(i)
			if err := fake.AddIdentity(id); err != nil {
				t.Fatal(err)
			}
		}
		s, err := subject.Open(subject.Config{
			Load: subject.Lookup, Env: fake.Env(), Events: new(event.Log), Tenants: tenants, Site: subject.Site{Logger: slog.New(slog.DiscardHandler)},
			Store: subject.Store{Name: "own", Open: func(subject.Site) (store.Store, func() error, error) {
				return &late{always: always}, nil, nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.FetchAll(t.Context(), func() {}); (err != nil) != always {
			t.Errorf("always late: %t; got %v", always, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
