package attempt_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/attempt"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

var errDown = errors.New("the gateway is down")

// numbered returns a Source whose tokens are t1, t2 and so on, until down is set.
func numbered(t *testing.T, down *atomic.Bool) *token.Source {
	t.Helper()
	n := 0
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: "k", Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) {
			if down != nil && down.Load() {
				return store.Token{}, errDown
			}
			n++
			return store.NewToken(fmt.Sprint("t", n), time.Now(), time.Now().Add(time.Hour))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestDo(t *testing.T) {
	t.Parallel()
	errOther := errors.New("other")
	for name, tt := range map[string]struct {
		outcomes []attempt.Outcome
		errs     []error
		tokens   []string // that were used, and then the one that the Source has
		want     error
	}{
		"accepted":        {[]attempt.Outcome{attempt.Accepted}, []error{nil}, []string{"t1", "t1"}, nil},
		"accepted, error": {[]attempt.Outcome{attempt.Accepted}, []error{errOther}, []string{"t1", "t1"}, errOther},
		"unknown":         {[]attempt.Outcome{attempt.Unknown}, []error{errOther}, []string{"t1", "t1"}, errOther},
		"refused once":    {[]attempt.Outcome{attempt.Refused, attempt.Accepted}, []error{errOther, nil}, []string{"t1", "t2", "t2"}, nil},
		"refused twice":   {[]attempt.Outcome{attempt.Refused, attempt.Refused}, []error{nil, errOther}, []string{"t1", "t2", "t2"}, errOther},
		"then unknown":    {[]attempt.Outcome{attempt.Refused, attempt.Unknown}, []error{nil, errOther}, []string{"t1", "t2", "t2"}, errOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := numbered(t, nil)
			var used []string
			err := attempt.Do(t.Context(), s, func(_ context.Context, f token.Found) (attempt.Outcome, error) {
				i := len(used)
				used = append(used, f.Token.Reveal())
				return tt.outcomes[i], tt.errs[i]
			})
			tok, _ := s.Token(t.Context(), 0)
			if used = append(used, tok.Reveal()); !slices.Equal(used, tt.tokens) || !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("%v, %q; want %v, %q", err, used, tt.want, tt.tokens)
			}
		})
	}
}

// A refusal that comes late, for a token that was replaced, does not reject the new one.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	s := numbered(t, nil)
	var used []string
	err := attempt.Do(t.Context(), s, func(ctx context.Context, f token.Found) (attempt.Outcome, error) {
		if used = append(used, f.Token.Reveal()); len(used) > 1 {
			return attempt.Accepted, nil
		}
		if _, err := s.Refresh(ctx); err != nil {
			t.Error(err)
		}
		return attempt.Refused, nil
	})
	if err != nil || !slices.Equal(used, []string{"t1", "t2"}) || s.Stats().Fetches != 2 || s.Stats().Rejects != 0 {
		t.Errorf("%v, %q, %+v", err, used, s.Stats())
	}
}

func TestNoOtherToken(t *testing.T) {
	t.Parallel()
	errDenied := errors.New("denied")
	var down atomic.Bool
	s, n := numbered(t, &down), 0
	err := attempt.Do(t.Context(), s, func(context.Context, token.Found) (attempt.Outcome, error) {
		n++
		down.Store(true)
		return attempt.Refused, errDenied
	})
	e, ok := errors.AsType[*attempt.Error](err)
	if n != 1 || !ok || e.Err != errDenied || !errors.Is(err, errDown) || !errors.Is(err, errDenied) {
		t.Errorf("%d attempts: %v", n, err)
	}
	if err := attempt.Do(t.Context(), s, func(context.Context, token.Found) (attempt.Outcome, error) {
		t.Error("without a token there is no attempt")
		return attempt.Unknown, nil
	}); !errors.Is(err, errDown) {
		t.Error(err)
	}
}

// What refuses every token costs three token requests a minute; real revocations, of which each
// new token is accepted, are recovered without end.
func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := numbered(t, nil)
		for range 20 {
			_ = attempt.Do(t.Context(), s, func(context.Context, token.Found) (attempt.Outcome, error) { return attempt.Refused, nil })
		}
		if n := s.Stats().Fetches; n > 4 {
			t.Errorf("%d token requests for what refuses all", n)
		}
		time.Sleep(10 * time.Minute)
		revoked := make(map[string]bool)
		for i := range 20 {
			err := attempt.Do(t.Context(), s, func(_ context.Context, f token.Found) (attempt.Outcome, error) {
				if revoked[f.Token.Reveal()] {
					return attempt.Refused, errors.New("refused")
				}
				return attempt.Accepted, nil
			})
			if err != nil {
				t.Fatalf("revocation %d: %v", i, err)
			}
			tok, err := s.Token(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			revoked[tok.Reveal()] = true
			time.Sleep(time.Second)
		}
	})
}

// A server that refuses now and then, whatever the token, costs no token request for each.
func TestRefusalsThatMeanNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, n := numbered(t, nil), 0
		for range 100 {
			first := true
			if err := attempt.Do(t.Context(), s, func(context.Context, token.Found) (attempt.Outcome, error) {
				if n++; first {
					first = false
					return attempt.Refused, errors.New("refused")
				}
				return attempt.Accepted, nil
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if fetches := s.Stats().Fetches; fetches > 10 {
			t.Errorf("%d token requests for 100 refusals", fetches)
		}
	})
}

func TestWhatDoNeeds(t *testing.T) {
	t.Parallel()
	if err := attempt.Do(t.Context(), nil, nil); err == nil {
		t.Error("no error")
	}
}
