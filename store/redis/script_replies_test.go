package redis_test

import (
	"errors"
	"testing"
	"testing/synctest"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A server that returns something else than our scripts do is no miss, and no token.
func TestScriptThatReturnsSomethingElse(t *testing.T) {
	fine := []any{"there", int64(1_000_000), []any{nil, nil, nil, nil}}
	for name, c := range map[string]struct {
		reply []any
		fine  bool
	}{
		"a token":            {fine, true},
		"no value":           {[]any{int64(1), fine[1], fine[2]}, false},
		"no TTL":             {[]any{fine[0], "1000000", fine[2]}, false},
		"no metadata":        {[]any{fine[0], fine[1], "x"}, false},
		"too little":         {fine[:2], false},
		"only one":           {fine[:1], false},
		"too much":           {append(fine[:3:3], "x"), false},
		"something deleted":  {append([]any{"deleted"}, fine[1:]...), true},
		"deleted and more":   {[]any{"deleted", int64(1)}, false},
		"one thing, no text": {[]any{int64(1)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := func(cmd goredis.Cmder) error {
					keys := cmd.Args()[2].(int)
					if reply := c.reply; keys == 5 { // the lease
						cmd.(*goredis.Cmd).SetVal(append([]any{"token"}, reply...))
					} else {
						cmd.(*goredis.Cmd).SetVal(reply)
					}
					return nil
				}
				s := over(t, &replies{command: script, pipeline: func(cmds []goredis.Cmder) error { return script(cmds[0]) }})
				p := processOn(t, s, redisstore.LeaseConfig{})
				want := func(what string, tok store.Token, err error) {
					t.Helper()
					if c.fine && (err != nil || tok.Reveal() != c.reply[0]) || !c.fine && (err == nil || errors.Is(err, store.ErrNotFound)) {
						t.Errorf("%s: %v, %v", what, tok, err)
					}
				}
				outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{})
				want("Acquire", outcome.Token, err)
				stands, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "ours", longest))
				want("CompareAndSwap", stands, err)
				r := s.RestoreAll(t.Context(), []store.Restoring{{Key: tokenKey, Token: token(t, "ours", longest)}})[0]
				want("RestoreAll", r.Token, r.Err)
			})
		})
	}
}
