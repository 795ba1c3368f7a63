package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
	"github.com/advoware-go/advoware/store"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// Most tests need no more than this: tokens are kept in memory.
func TestEmployees(t *testing.T) {
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	var out bytes.Buffer
	if err := run(t.Context(), cfg, &out); err != nil || !strings.HasPrefix(out.String(), "Jördis Müller-Lüdenscheidt\n") {
		t.Errorf("%v, %q", err, out.String())
	}
}

// A store that outlives the client is as good as a Redis for what happens at a restart.
func TestRestart(t *testing.T) {
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	cfg.Shared = advoware.UseStore(new(store.Map))
	for range 2 {
		if err := run(t.Context(), cfg, io.Discard); err != nil {
			t.Error(err)
		}
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}

// The token of another program is in the store before we start.
func TestTokenOfAnotherProgram(t *testing.T) {
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	now := time.Now()
	tok, err := store.NewToken(fake.Issue(), now, now.Add(50*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	shared := new(store.Map)
	if _, err := shared.CompareAndSwap(t.Context(), cfg.TokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	cfg.Shared = advoware.UseStore(shared)
	if err := run(t.Context(), cfg, io.Discard); err != nil || fake.Counts().TokenRequests != 0 {
		t.Errorf("%v, %d token requests", err, fake.Counts().TokenRequests)
	}

	// It is refused: a new one takes its place, where the other program finds it.
	fake.RevokeAll()
	if err := run(t.Context(), cfg, io.Discard); err != nil || fake.Counts().TokenRequests != 1 {
		t.Errorf("%v, %d token requests", err, fake.Counts().TokenRequests)
	}
	if there, err := shared.Get(t.Context(), cfg.TokenKey); err != nil || there.Equal(tok) {
		t.Errorf("%v, %v", there, err)
	}
}

// down is a store that cannot tell.
type down struct{ store.Map }

var errDown = errors.New("the disk is on fire")

func (*down) Get(context.Context, string) (store.Token, error) { return store.Token{}, errDown }

func TestStoreThatFails(t *testing.T) {
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	cfg.Shared = advoware.UseStore(new(down))
	if err := run(t.Context(), cfg, io.Discard); !errors.Is(err, errDown) || fake.Counts().TokenRequests != 0 {
		t.Errorf("%v, %d token requests", err, fake.Counts().TokenRequests)
	}
}

func TestAsAProcess(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	if r := exampletest.Run(t, exampletest.Env(fake)); r.Status != 0 || strings.Count(r.Stdout, "\n") != 8 {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}
