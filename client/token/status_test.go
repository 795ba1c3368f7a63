package token_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// The states of ARCHITECTURE.md, one after the other, as they come in the life of a Source.
func TestStatusInEveryState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		began := time.Now()
		is := func(want status.State) status.Token {
			t.Helper()
			got := s.Status()
			if got.State != want {
				t.Fatalf("after %v: %+v, want %s", time.Since(began), got, want)
			}
			return got
		}

		if st := is(status.Empty); st != (status.Token{State: status.Empty}) {
			t.Errorf("before the first call: %+v", st)
		}
		go func() { _, _ = s.Token(context.Background(), 0) }()
		synctest.Wait()
		is(status.Empty) // a fetch is under way
		tok := mustToken(t, s)
		st := is(status.Fresh)
		if st.Fingerprint != tok.Fingerprint() || !st.Expiry.Equal(tok.Expiry()) || st.Fetched.IsZero() || st.Failure != nil {
			t.Errorf("after the first call: %+v", st)
		}
		if in := time.Until(st.Renewal); in < 46*time.Minute || in > 51*time.Minute {
			t.Errorf("the renewal is due in %v", in)
		}

		time.Sleep(time.Until(st.Renewal) + g.latency/2) // the renewal is under way
		if due := is(status.Due); due.Fingerprint != tok.Fingerprint() {
			t.Errorf("while it is renewed: %+v", due)
		}
		time.Sleep(g.latency)
		renewed := is(status.Fresh)
		if renewed.Fingerprint == tok.Fingerprint() || !renewed.Fetched.After(st.Fetched) || !renewed.Renewal.After(st.Renewal) {
			t.Errorf("after the renewal: %+v", renewed)
		}

		g.fail(errors.New("down"))
		mustToken(t, s) // it is used, so that it is renewed
		time.Sleep(time.Until(renewed.Renewal) + 2*g.latency)
		failing := is(status.Due)
		if f := failing.Failure; f == nil || f.Refused || !f.NextAttempt.After(time.Now()) || time.Since(f.At) > 2*g.latency {
			t.Errorf("after a renewal that failed: %+v, %+v", failing, failing.Failure)
		}
		time.Sleep(time.Until(renewed.Expiry))
		if _, err := s.Token(t.Context(), 0); err == nil {
			t.Fatal("a token while the gateway is down")
		}
		if st := is(status.Failed); st.Fingerprint != "" || !st.Expiry.IsZero() || st.Failure == nil || st.Failure.NextAttempt.IsZero() {
			t.Errorf("without a token: %+v", st)
		}
		time.Sleep(2 * time.Minute)
		if st := is(status.Empty); st.Failure == nil || !st.Failure.NextAttempt.IsZero() {
			t.Errorf("when an attempt is due: %+v", st)
		}
		g.fail(nil)
		tok = mustToken(t, s)
		if st := is(status.Fresh); st.Failure == nil || !st.Failure.NextAttempt.IsZero() || st.Fingerprint != tok.Fingerprint() {
			t.Errorf("after the outage: %+v", st)
		}

		if err := s.Reject(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
		is(status.Empty)
		tok = mustToken(t, s)
		time.Sleep(time.Until(is(status.Fresh).Renewal) + 2*g.latency) // at some time within minutes
		next := is(status.Fresh)                                       // which is not used
		if next.Fingerprint == tok.Fingerprint() {
			t.Error("it was not renewed")
		}
		time.Sleep(time.Until(next.Expiry) - 3*time.Minute)
		if st := is(status.Due); !st.Renewal.IsZero() {
			t.Errorf("unused: %+v", st)
		}
		time.Sleep(10 * time.Minute)
		is(status.Empty)

		mustToken(t, s)
		s.Close()
		if st := is(status.Closed); st != (status.Token{State: status.Closed}) {
			t.Errorf("closed: %+v", st)
		}
	})
}

func TestStatusSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{}
		g.fail(errors.New("the password hunter2 is wrong"))
		s := start(t, g, token.Config{Errors: reasoned{}})
		_, _ = s.Token(t.Context(), 0)
		st := s.Status()
		if st.State != status.Failed || st.Failure == nil || !st.Failure.Refused || st.Failure.Reason != "wrong-credentials" {
			t.Errorf("%+v, %+v", st, st.Failure)
		}
		if text, err := json.Marshal(st); err != nil || strings.Contains(string(text), "hunter2") {
			t.Errorf("%s, %v", text, err)
		}
	})
}

type reasoned struct{}

func (reasoned) Classify(error) lease.Failure {
	return lease.Failure{Refused: true, Reason: "wrong-credentials"}
}
func (reasoned) Sentinel(lease.Failure) error { return nil }

// A token that was there before, or that others put there, is as fresh as one of our own.
func TestStatusOfATokenOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := new(store.Map)
		tok := newToken(t, "of-others", 50*time.Minute)
		if _, err := there.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		for name, far := range map[string]bool{"near": false, "far": true} {
			s := start(t, &gateway{}, token.Config{Store: there, Far: far})
			if st := s.Status(); !far && st.Fingerprint != tok.Fingerprint() {
				t.Errorf("%s, before the first call: %+v", name, st)
			}
			mustToken(t, s)
			if st := s.Status(); st.State != status.Fresh || st.Fingerprint != tok.Fingerprint() || st.Renewal.IsZero() || !st.Fetched.IsZero() {
				t.Errorf("%s: %+v", name, st)
			}
		}
	})
}

func TestStatusNamesTheHolderOfTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for holder, want := range map[string]string{
			"host-1234": "host-1234", "two words": "another process", "line\nbreak": "another process",
			strings.Repeat("x", 65): "another process", "": "self",
		} {
			g := &gateway{latency: time.Second}
			l := answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
				if holder == "" {
					return lease.Outcome{Release: func(*lease.Failure) {}}, nil
				}
				return lease.Outcome{Holder: holder, Wait: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, nil
			})
			s := start(t, g, token.Config{Tiers: lease.Tiers{Lease: l}})
			done := make(chan struct{})
			go func() { defer close(done); _, _ = s.Token(context.Background(), 0) }()
			synctest.Wait()
			if st := s.Status(); st.Lease != want {
				t.Errorf("%.20q: %+v, want %q", holder, st, want)
			}
			<-done
			if st := s.Status(); st.Lease != "" {
				t.Errorf("%.20q, at the end: %+v", holder, st)
			}
		}
	})
}

// A store that hangs does not hold up who asks for the state.
func TestStatusDoesNotHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &gateway{}, token.Config{Store: new(heedful)})
		began := time.Now()
		if st := s.Status(); st.State != status.Empty || time.Since(began) > time.Second {
			t.Errorf("%+v after %v", st, time.Since(began))
		}
	})
}

// What is planned for a token says nothing of the one that another process has put in its place.
func TestStatusOfATokenThatNothingIsPlannedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Map)
		s := start(t, new(gateway), token.Config{Store: st})
		tok := mustToken(t, s)
		if s.Status().Renewal.IsZero() {
			t.Fatal("no renewal is planned")
		}
		theirs, err := store.NewToken("theirs", time.Now(), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if stands, err := st.CompareAndSwap(t.Context(), key, tok, theirs); err != nil || stands != theirs {
			t.Fatal(stands, err)
		}
		if got := s.Status(); got.State != status.Fresh || got.Fingerprint != theirs.Fingerprint() || !got.Expiry.Equal(theirs.Expiry()) || !got.Renewal.IsZero() {
			t.Errorf("%+v", got)
		}
	})
}

// A far store is not asked, so what was used last is shown, as long as it lasts.
func TestStatusOfAFarTokenThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Far: true, OneShot: true})
		tok := mustToken(t, s)
		if got := s.Status(); got.State != status.Fresh || got.Fingerprint != tok.Fingerprint() {
			t.Errorf("%+v, want the token", got)
		}
		time.Sleep(time.Until(tok.Expiry()))
		if got := s.Status(); got.State != status.Empty || got.Fingerprint != "" || !got.Expiry.IsZero() {
			t.Errorf("%+v after its end, want none", got)
		}
	})
}
