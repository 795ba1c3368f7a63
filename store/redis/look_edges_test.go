package redis_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// state is what a server has under the keys of one token, as its replies.
type state struct {
	value    string // "" for none
	ttl      int64
	metadata string // the token that it belongs to
	evicted  []int  // at each count; none: INFO has none
	err      error  // of the second reading of the value
}

// replies answers each exchange with it.
func (s state) replies() *replies {
	return &replies{pipeline: func(cmds []goredis.Cmder) error {
		values, counts := 0, 0
		for _, cmd := range cmds {
			switch c := cmd.(type) {
			case *goredis.IntCmd:
				c.SetVal(s.ttl)
			case *goredis.SliceCmd:
				c.SetVal([]any{hashed("token", s.metadata), "", "0", "0"})
			case *goredis.StringCmd:
				key, _ := c.Args()[1].(string)
				switch {
				case c.Name() == "info" && len(s.evicted) > 0:
					c.SetVal(fmt.Sprintf("# Stats\r\nevicted_keys:%d\r\n", s.evicted[counts%len(s.evicted)]))
					counts++
				case key == tokenKey:
					c.SetVal(s.value)
					if values++; values == 2 && s.err != nil {
						c.SetErr(s.err)
						return s.err
					}
				}
			}
		}
		return nil
	}}
}

// A key in its last millisecond counts as absent, as it is to all who look a moment later. What is
// absent was deleted, or lost, or neither is known.
func TestWhyATokenIsAbsent(t *testing.T) {
	had := token(t, "had", longest)
	for name, c := range map[string]struct {
		state  state
		had    store.Token
		before store.Losses
		want   error // nil: the token is there
		why    error
	}{
		"there":                                   {state{value: "had", ttl: 1_000_000, metadata: "had", evicted: []int{0}}, had, 0, nil, nil},
		"in its last but one millisecond":         {state{value: "had", ttl: 1, metadata: "other", evicted: []int{0}}, had, 0, nil, nil},
		"in its last millisecond":                 {state{value: "had", ttl: 0, metadata: "had", evicted: []int{0}}, had, 0, store.ErrNotFound, store.ErrDeleted},
		"gone after it was read":                  {state{value: "had", ttl: -2, metadata: "had", evicted: []int{0}}, had, 0, store.ErrNotFound, store.ErrDeleted},
		"without an end":                          {state{value: "had", ttl: -1, metadata: "had", evicted: []int{0}}, had, 0, store.ErrUnusable, nil},
		"gone, its metadata is there":             {state{ttl: -2, metadata: "had", evicted: []int{0}}, had, 0, store.ErrNotFound, store.ErrDeleted},
		"gone, other metadata is there":           {state{ttl: -2, metadata: "other", evicted: []int{0}}, had, 0, store.ErrNotFound, nil},
		"no token was there before":               {state{ttl: -2, evicted: []int{0}}, store.Token{}, 0, store.ErrNotFound, nil},
		"as many were evicted as before":          {state{ttl: -2, metadata: "had", evicted: []int{7}}, had, 7, store.ErrNotFound, store.ErrDeleted},
		"one was evicted since":                   {state{ttl: -2, metadata: "had", evicted: []int{8}}, had, 7, store.ErrNotFound, store.ErrLost},
		"one was evicted while it was read":       {state{ttl: -2, metadata: "had", evicted: []int{7, 8}}, had, 7, store.ErrNotFound, store.ErrLost},
		"the first was evicted":                   {state{ttl: -2, metadata: "had", evicted: []int{1}}, had, 0, store.ErrNotFound, store.ErrLost},
		"the first ever, it is not known when":    {state{ttl: -2, metadata: "had", evicted: []int{1}}, had, store.UnknownLosses, store.ErrNotFound, store.ErrLost},
		"none ever, it is not known since when":   {state{ttl: -2, metadata: "had", evicted: []int{0}}, had, store.UnknownLosses, store.ErrNotFound, store.ErrDeleted},
		"it is not known whether one was evicted": {state{ttl: -2, metadata: "had"}, had, 7, store.ErrNotFound, store.ErrDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := over(t, c.state.replies())
				alone := store.Looked{}
				alone.Token, alone.Now, alone.Err = s.Look(t.Context(), tokenKey, c.had, c.before)
				among := s.LookAll(t.Context(), []store.Looking{{Key: tokenKey, Had: c.had, Before: c.before}})[0]
				for how, got := range map[string]store.Looked{"alone": alone, "among many": among} {
					if c.want == nil {
						if got.Err != nil || got.Token.Reveal() != c.state.value {
							t.Errorf("%s: %v, %v", how, got.Token, got.Err)
						}
						continue
					}
					if !errors.Is(got.Err, c.want) || errors.Is(got.Err, store.ErrUnusable) != (c.want == store.ErrUnusable) {
						t.Errorf("%s: %v, want %v", how, got.Err, c.want)
					}
					for _, why := range []error{store.ErrDeleted, store.ErrLost} {
						if errors.Is(got.Err, why) != (why == c.why) {
							t.Errorf("%s: %v, want %v", how, got.Err, c.why)
						}
					}
				}
				first := store.UnknownLosses
				if len(c.state.evicted) > 0 {
					first = store.Losses(c.state.evicted[0])
				}
				if alone.Now != first || among.Now != first {
					t.Errorf("%d losses alone, %d among many, want %d", alone.Now, among.Now, first)
				}
			})
		})
	}
}

// A Get in the last millisecond of a key says that the token has ended, one before that has it.
func TestGetInTheLastMillisecond(t *testing.T) {
	for ttl, want := range map[int64]redisstore.Stats{
		1: {Hits: 1}, 0: {Ended: 1}, -1: {NoTTL: 1}, -2: {Ended: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := over(t, state{value: "tok", ttl: ttl}.replies())
			_, err := s.Get(t.Context(), tokenKey)
			if got := s.Stats(); got != want || (err == nil) != (want.Hits == 1) {
				t.Errorf("PTTL %d: %v, %+v", ttl, err, got)
			}
		})
	}
}

// A server that becomes busy, or goes away, before the value is read again is told as that at once: it
// is not tried again as if the token had changed.
func TestLookWhoseSecondReadingFails(t *testing.T) {
	for _, err := range []error{reply("BUSY Redis is busy running a script."), io.ErrUnexpectedEOF} {
		synctest.Test(t, func(t *testing.T) {
			r := state{value: "had", ttl: 1_000_000, metadata: "had", evicted: []int{0}, err: err}.replies()
			_, _, got := over(t, r).Look(t.Context(), tokenKey, token(t, "had", longest), 0)
			if !errors.Is(got, err) || r.exchanges != 1 {
				t.Errorf("%v after %d exchanges, want %v after one", got, r.exchanges, err)
			}
		})
	}
}

// Metadata of an empty token says of no token that it was deleted.
func TestNothingWasDeletedWhereNothingWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, state{ttl: -2, metadata: "", evicted: []int{0}}.replies())
		if _, _, err := s.Look(t.Context(), tokenKey, store.Token{}, 0); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDeleted) {
			t.Errorf("%v", err)
		}
	})
}

// tooLong is the error of a connection that does not read a reply, because of its length if it is true.
type tooLong bool

func (tooLong) Error() string   { return "the reply is not read" }
func (t tooLong) TooLong() bool { return bool(t) }

// What is not read for another reason than its length is no unusable token.
func TestReplyThatIsNotReadForAnotherReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, failsWith(tooLong(false)))
		if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, tooLong(false)) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get: %v", err)
		}
		if _, _, err := s.Look(t.Context(), tokenKey, store.Token{}, 0); !errors.Is(err, tooLong(false)) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Look: %v", err)
		}
	})
}

// A value of another type is read in a transaction as any other: the server refuses nothing then.
func TestValueOfAnotherTypeIsNoRefusal(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s, log := asUser(t, srv, allKeys, "+@all")
	srv.Do("RPUSH", tokenKey, "x")
	srv.Do("SET", metadataKey, "x")
	log.Reset()
	for range 2 {
		if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("Get: %v", err)
		}
	}
	if info := fmt.Sprint(srv.Do("INFO", "commandstats")); log.Len() > 0 || !strings.Contains(info, "cmdstat_exec:calls=2,") || strings.Count(info, "cmdstat_getrange:calls=4,") != 1 {
		t.Errorf("%s\n%s", log, info)
	}
}

// Without the right to the timestamp key nothing else is given up: not the tombstones, nor the script.
func TestTimestampKeyOutOfReachCostsNothingElse(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s, log := asUser(t, srv, "~"+tokenKey, "~{"+tokenKey+"}:*", "+@all")
	log.Reset()
	tok := token(t, "tok", longest)
	for range 2 {
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
			t.Fatalf("%v, %v", got, err)
		}
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Restore(t.Context(), tokenKey, store.Token{}, tok); !errors.Is(err, store.ErrDeleted) {
		t.Errorf("restored: %v, %v", got, err)
	}
	if strings.Contains(log.String(), "does not allow") {
		t.Errorf("it is said that the server refuses something:\n%s", log)
	}
}

// Whatever beside a token is too long to be read, the token is read without it.
func TestAnythingBesideATokenMayBeTooLong(t *testing.T) {
	had := token(t, "had", longest)
	for name, is := range map[string]func(cmd goredis.Cmder) bool{
		"the statistics": func(cmd goredis.Cmder) bool { return cmd.Name() == "info" },
		"the metadata":   func(cmd goredis.Cmder) bool { return cmd.Name() == "hmget" },
		"the timestamp":  func(cmd goredis.Cmder) bool { return cmd.Name() == "getrange" && cmd.Args()[1] == stampKey },
		"the tombstone":  func(cmd goredis.Cmder) bool { return strings.Contains(fmt.Sprint(cmd.Args()...), ":gone:") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := state{value: "had", ttl: 1_000_000, metadata: "had", evicted: []int{0}}.replies()
				whole := r.pipeline
				r.pipeline = func(cmds []goredis.Cmder) error {
					for _, cmd := range cmds {
						if is(cmd) {
							return tooLong(true)
						}
					}
					return whole(cmds)
				}
				client, log := goredis.NewClient(redisstore.Options("127.0.0.1:1")), new(strings.Builder)
				defer client.Close()
				client.AddHook(r)
				s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Timeout: time.Hour, Logger: slog.New(slog.NewTextHandler(log, nil))})
				if got, _, err := s.Look(t.Context(), tokenKey, had, 0); err != nil || !got.Equal(had) || r.exchanges != 2 {
					t.Errorf("Look: %v, %v after %d exchanges", got, err, r.exchanges)
				}
				if got := s.LookAll(t.Context(), []store.Looking{{Key: tokenKey, Had: had}})[0]; got.Err != nil || !got.Token.Equal(had) {
					t.Errorf("LookAll: %v, %v", got.Token, got.Err)
				}
				if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(had) {
					t.Errorf("Get: %v, %v", got, err)
				}
				if log.Len() > 0 {
					t.Errorf("the server refuses nothing: %s", log)
				}
			})
		})
	}
}

// A cluster that is not reached is no miss, among many keys either.
func TestClusterThatIsNotReached(t *testing.T) {
	for _, honours := range []bool{true, false} {
		c := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, MaxRedirects: -1, MaxRetries: -1, DialerRetries: 1})
		defer c.Close()
		s := mustNew(t, redisstore.Config{Client: c, ClientHonoursDeadlines: honours})
		for _, r := range s.LookAll(t.Context(), []store.Looking{{Key: "a"}, {Key: "b"}}) {
			if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
				t.Errorf("LookAll: %v", r.Err)
			}
		}
		if _, _, err := s.Look(t.Context(), "a", store.Token{}, 0); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Look: %v", err)
		}
		if _, err := s.Get(t.Context(), "a"); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get: %v", err)
		}
	}
}

// Who meets the token of another identity is told the beginnings of both digests, and when it ends.
func TestTokenOfAnotherIdentityIsDescribed(t *testing.T) {
	const day = 24 * time.Hour
	ours := hashed("identity", "ours")[:8]
	for name, c := range map[string]struct {
		identity, shown string
		ttl, lasts      time.Duration
	}{
		"a digest":             {hashed("identity", "theirs"), hashed("identity", "theirs")[:8], 50 * time.Minute, 50 * time.Minute},
		"as short as is shown": {"0123abcd", "0123abcd", 300 * day, 300 * day},
		"shorter":              {"0123abc", "unknown", 300 * day, 300 * day},
		"no digest":            {"0123abcd!", "unknown", 1000 * day, 365 * day},
		"a name":               {"somebody", "unknown", 50 * time.Minute, 50 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
				defer client.Close()
				r := state{value: "tok", ttl: c.ttl.Milliseconds()}.replies()
				fill := r.pipeline
				r.pipeline = func(cmds []goredis.Cmder) error {
					err := fill(cmds)
					for _, cmd := range cmds {
						if fields, ok := cmd.(*goredis.SliceCmd); ok {
							fields.SetVal([]any{hashed("token", "tok"), c.identity, "0", "0"})
						}
					}
					return err
				}
				client.AddHook(r)
				s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Identity: func(string) string { return "ours" }})
				began := time.Now()
				_, err := s.Get(t.Context(), tokenKey)
				if !errors.Is(err, store.ErrIdentity) {
					t.Fatal(err)
				}
				for _, part := range []string{"(identity " + c.shown + ") is for", "(identity " + ours + ")", "until " + began.Add(c.lasts).UTC().Format(time.RFC3339) + " "} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q is not in %q", part, err)
					}
				}
			})
		})
	}
}

// Of a token that is too long to be read it is not known how many keys were evicted: nobody has looked.
func TestLossesBesideATokenThatIsTooLong(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", tokenKey, strings.Repeat("x", store.MaxTokenBytes+1), "EX", "3180")
	s, _ := asUser(t, srv, allKeys, "+@all", "-getrange")
	for range 2 {
		if _, now, err := s.Look(t.Context(), tokenKey, store.Token{}, 0); now != store.UnknownLosses || !errors.Is(err, store.ErrUnusable) {
			t.Errorf("by its length: %d, %v", now, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		if _, now, err := over(t, failsWith(tooLong(true))).Look(t.Context(), tokenKey, store.Token{}, 0); now != store.UnknownLosses || !errors.Is(err, store.ErrUnusable) {
			t.Errorf("by its connection: %d, %v", now, err)
		}
	})
}

// Where keys are spread over servers, the timestamp may be on another one than the token: no exchange
// of a token asks for it.
func TestTimestampIsNotReadWhereItMayBeElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		fill := state{value: "tok", ttl: 1_000_000_000}.replies().pipeline
		script := func(cmd goredis.Cmder) error {
			asked = append(asked, fmt.Sprint(cmd.Args()...))
			cmd.(*goredis.Cmd).SetVal([]any{"tok", int64(1_000_000_000), []any{nil, nil, nil, nil}})
			return nil
		}
		r := &replies{command: script, pipeline: func(cmds []goredis.Cmder) error {
			for _, cmd := range cmds {
				asked = append(asked, fmt.Sprint(cmd.Args()...))
			}
			return fill(cmds)
		}}
		client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
		defer client.Close()
		client.AddHook(r)
		s := mustNew(t, redisstore.Config{Client: wrapped{client}, ClientHonoursDeadlines: true})
		for name, op := range map[string]func() (store.Token, error){
			"Get": func() (store.Token, error) { return s.Get(t.Context(), tokenKey) },
			"Look": func() (store.Token, error) {
				tok, _, err := s.Look(t.Context(), tokenKey, store.Token{}, 0)
				return tok, err
			},
			"CompareAndSwap": func() (store.Token, error) {
				return s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "ours", longest))
			},
		} {
			asked = nil
			before := r.exchanges
			if tok, err := op(); err != nil || tok.Reveal() != "tok" || r.exchanges != before+1 {
				t.Errorf("%s: %v, %v after %d exchanges", name, tok, err, r.exchanges-before)
			}
			if text := strings.Join(asked, "\n"); strings.Contains(text, stampKey) {
				t.Errorf("%s asks for the timestamp:\n%s", name, text)
			}
		}
	})
}
