package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// failing is a lease whose answer is what another process met.
func failing(f lease.Failure) answers {
	return func(context.Context, lease.Ask) (lease.Outcome, error) { return lease.Outcome{Failure: &f}, nil }
}

func failedFor(t *testing.T, s *token.Source) time.Duration {
	t.Helper()
	_, err := s.Token(t.Context(), 0)
	var failed *token.FetchError
	if !errors.As(err, &failed) || !errors.Is(err, token.ErrRemoteFetch) {
		t.Fatalf("got %v", err)
	}
	return time.Until(failed.NextAttempt)
}

func TestPauseOfAnotherProcessIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: failing(lease.Failure{Pause: time.Hour})}})
		if left := failedFor(t, s); left != 5*time.Minute {
			t.Errorf("next attempt in %v", left)
		}
	})
}

// Outages that others met count as our own: the next pause is drawn from more.
func TestOutagesOfOthersGrowThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var longest time.Duration
		for range 20 {
			down := failing(lease.Failure{Pause: time.Second})
			outcomes := down
			s := start(t, &gateway{err: errors.New("down")}, token.Config{Tiers: lease.Tiers{Lease: answers(func(ctx context.Context, ask lease.Ask) (lease.Outcome, error) { return outcomes(ctx, ask) })}})
			for range 6 {
				failedFor(t, s)
				time.Sleep(time.Second)
			}
			outcomes = func(context.Context, lease.Ask) (lease.Outcome, error) {
				return lease.Outcome{Release: func(*lease.Failure) {}}, nil
			}
			_, err := s.Token(t.Context(), 0)
			var failed *token.FetchError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			longest = max(longest, time.Until(failed.NextAttempt))
		}
		// After one outage it is at most 2 s, after seven up to 60 s.
		if longest < 10*time.Second {
			t.Errorf("after six outages of others the longest of 20 pauses is %v", longest)
		}
	})
}

func TestRefreshAsksInSpiteOfARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var forced bool
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: answers(func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
			forced = ask.Force
			return lease.Outcome{Release: func(*lease.Failure) {}}, nil
		})}})
		mustToken(t, s)
		if forced {
			t.Error("a call asks in spite of a refusal")
		}
		if _, err := s.Refresh(t.Context()); err != nil || !forced {
			t.Errorf("Refresh: forced %v, %v", forced, err)
		}
	})
}

// What will not do is said to the lease, else its answer is the very token that is to
// be replaced.
func TestLeaseIsToldWhatWillNotDo(t *testing.T) {
	for name, tiers := range map[string]bool{"one store": false, "two": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared := new(store.Map)
				var olds []string
				s := start(t, new(gateway), func() token.Config {
					cfg := token.Config{Store: shared, Tiers: lease.Tiers{Lease: answers(func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
						olds = append(olds, ask.Old.Reveal())
						return lease.Outcome{Release: func(*lease.Failure) {}}, nil
					})}}
					if tiers {
						cfg.Tiers.Near = shared
					}
					return cfg
				}())
				first := mustToken(t, s)
				time.Sleep(51 * time.Minute) // renewed
				second := mustToken(t, s)
				if err := s.Reject(t.Context(), second); err != nil {
					t.Fatal(err)
				}
				mustToken(t, s)
				want := []string{"", first.Reveal(), second.Reveal()}
				if len(olds) != 3 || olds[0] != want[0] || olds[1] != want[1] || olds[2] != want[2] {
					t.Errorf("told %q, want %q", olds, want)
				}
			})
		})
	}
}

// A lease that says nothing but what it was told must not be asked for ever.
func TestLeaseThatAnswersWithWhatWillNotDoIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := answers(func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Token: ask.Old}, nil
		})
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: broken}})
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if tok, err := s.Token(ctx, 0); err != nil || tok.Reveal() != "token-2" {
			t.Errorf("got %q, %v", tok.Reveal(), err)
		}
	})
}

// Waiting for another process does not use up what a call may wait for the far store.
func TestLeaseIsAskedAgainAfterALongWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := newToken(t, "theirs", time.Hour)
		asked := 0
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: answers(func(ctx context.Context, ask lease.Ask) (lease.Outcome, error) {
			if asked++; asked > 1 {
				farwait.Spend(ctx, 60*time.Millisecond)
			} else {
				farwait.Spend(ctx, 240*time.Millisecond)
			}
			if asked < 6 {
				return lease.Outcome{Holder: "they", Wait: func(context.Context) error { return nil }}, nil
			}
			return lease.Outcome{Token: theirs}, nil
		})}})
		if tok := mustToken(t, s); !tok.Equal(theirs) {
			t.Errorf("got %q after asking %d times", tok.Reveal(), asked)
		}
	})
}

// Somebody who looks first and follows then misses what happens in between.
func TestTokenIsFollowedBeforeItIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		s := start(t, new(gateway), token.Config{
			Tiers: lease.Tiers{Near: new(store.Map), Follow: func(string, func(store.Token)) func() {
				order = append(order, "follow")
				return func() { order = append(order, "stop") }
			}, Lease: answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
				order = append(order, "look")
				return lease.Outcome{Release: func(*lease.Failure) {}}, nil
			})},
		})
		mustToken(t, s)
		if len(order) != 2 || order[0] != "follow" {
			t.Errorf("%q", order)
		}
		s.Close()
		_, _ = s.Token(t.Context(), 0)
		if len(order) != 3 || order[2] != "stop" {
			t.Errorf("after Close: %q", order)
		}
	})
}

// A call that fails leaves the following of a token that is in use alone.
func TestFailureDoesNotEndTheFollowingOfATokenInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, g := new(follower), new(gateway)
		s := start(t, g, token.Config{Tiers: lease.Tiers{Follow: f.follow}})
		mustToken(t, s)
		g.fail(errors.New("down"))
		if _, err := s.Refresh(t.Context()); err == nil {
			t.Fatal("no error")
		}
		if !f.following(t) {
			t.Error("not followed any more")
		}
	})
}
