package watch_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
)

// A follower that reads the key at each call sees in the end what others have done.
func TestSeesEveryWriter(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	other := srv.Dial()
	if reply, err := other.Do("SELECT", "3"); reply != "OK" {
		t.Fatal(reply, err)
	}
	tests := map[string]struct {
		do   []string
		gap  bool
		look []string
		want func(any) bool
	}{
		"set":      {do: []string{"SET", "K", "new"}, look: []string{"GET", "K"}, want: is("new")},
		"set ex":   {do: []string{"SET", "K", "new", "EX", "3180"}, look: []string{"GET", "K"}, want: is("new")},
		"delete":   {do: []string{"DEL", "K"}, look: []string{"GET", "K"}, want: is(nil)},
		"expire":   {do: []string{"EXPIRE", "K", "1000"}, look: []string{"TTL", "K"}, want: func(v any) bool { return v != int64(-1) }},
		"expiry":   {do: []string{"PEXPIRE", "K", "100"}, look: []string{"EXISTS", "K"}, want: is(int64(0))},
		"rename":   {do: []string{"RENAME", "K", "elsewhere"}, look: []string{"GET", "K"}, want: is(nil)},
		"flushall": {do: []string{"FLUSHALL"}, gap: true, look: []string{"GET", "K"}, want: is(nil)},
		"flushdb":  {do: []string{"FLUSHDB"}, gap: true, look: []string{"GET", "K"}, want: is(nil)},
	}
	for name, tt := range tests {
		for _, key := range []string{tokenKey, "{" + tokenKey + "}:lock", "{" + tokenKey + "}:failed"} {
			t.Run(name+"/"+key, func(t *testing.T) {
				srv.Do("SET", key, "old")
				w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
				c := follow(t, w, key)
				srv.Do(named(tt.do, key)...)
				c.until(t, func(gap bool) bool { return gap == tt.gap && tt.want(srv.Do(named(tt.look, key)...)) })
				if s := w.Stats(); !s.Pushing || s.Links != 1 || s.Polls != 0 || s.Pushes == 0 {
					t.Errorf("%+v; want one link that pushes", s)
				}
			})
		}
	}
	t.Run("set in another database", func(t *testing.T) {
		w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
		c := follow(t, w, tokenKey)
		if reply, err := other.Do("SET", tokenKey, "x"); reply != "OK" {
			t.Fatal(reply, err)
		}
		c.await(t, false)
	})
}

func is(want any) func(any) bool { return func(got any) bool { return got == want } }

// named puts the key into a command.
func named(args []string, key string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if out[i] = arg; arg == "K" {
			out[i] = key
		}
	}
	return out
}
