package tiered_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/faultproxy"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

func proxied(t *testing.T, srv *redistest.Server) *faultproxy.Proxy {
	t.Helper()
	px, err := faultproxy.Start(srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { px.Close() })
	return px
}

func cut(t *testing.T, px *faultproxy.Proxy, off bool) {
	t.Helper()
	if err := px.Set(faultproxy.Fault{Refuse: off}); err != nil {
		t.Fatal(err)
	}
}

// A deletion that one process saw is undone by none, a process that was cut off meanwhile
// included: whether it was another process that rejected the token or a program that is
// not ours, and whether ours saw that or were all cut off.
func TestDeletionStaysADeletion(t *testing.T) {
	for name, c := range map[string]struct {
		witness bool // a process that is not cut off
		foreign bool // the token comes from another program, which leaves no metadata
		remove  func(t *testing.T, srv *redistest.Server, p *proc, tok store.Token)
	}{
		"DEL, seen by another process":                               {true, false, func(t *testing.T, srv *redistest.Server, _ *proc, _ store.Token) { srv.Do("DEL", key) }},
		"DEL, seen by nobody":                                        {false, false, func(t *testing.T, srv *redistest.Server, _ *proc, _ store.Token) { srv.Do("DEL", key) }},
		"DEL of a token of another program, seen by another process": {true, true, func(t *testing.T, srv *redistest.Server, _ *proc, _ store.Token) { srv.Do("DEL", key) }},
		"DEL of all keys, seen by another process": {true, false, func(t *testing.T, srv *redistest.Server, _ *proc, _ store.Token) {
			srv.Do("DEL", key, metadataKey, key+"_timestamp")
		}},
		"EXPIRE, seen by another process": {true, false, func(t *testing.T, srv *redistest.Server, _ *proc, _ store.Token) { srv.Do("PEXPIRE", key, "1") }},
		"rejected by another process": {true, false, func(t *testing.T, _ *redistest.Server, p *proc, tok store.Token) {
			if err := p.CompareAndDelete(t.Context(), key, tok); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			px := proxied(t, srv)
			tok := newToken(t, "a", time.Hour)
			var witness *proc
			if c.witness {
				witness = process(t, srv.Addr(), "")
			}
			p := process(t, px.Addr(), "")
			if c.foreign {
				srv.Do("SET", key, "a", "EX", "3180")
			} else {
				swap(t, p, store.Token{}, tok)
			}
			eventually(t, "both have it", func() bool { return p.gets("a") && (witness == nil || witness.gets("a")) })
			eventually(t, "both know it is there", func() bool { return p.far.Stats().Hits > 0 && (witness == nil || witness.far.Stats().Hits > 0) })

			cut(t, px, true)
			c.remove(t, srv, witness, tok)
			if witness != nil {
				eventually(t, "the witness has seen it", func() bool { return witness.has("") })
				eventually(t, "and told of it", func() bool { keys, _ := srv.Do("KEYS", "{"+key+"}:gone:*").([]any); return len(keys) > 0 })
			}
			for range 5 { // every second, but faster
				cut(t, px, false)
				cut(t, px, true)
			}
			cut(t, px, false)
			eventually(t, "who was cut off drops it too", func() bool { return p.has("") })
			if got := srv.Do("GET", key); got != nil {
				t.Errorf("Redis has %v again", got)
			}
			if n := p.far.Stats().Writes; n > 1 {
				t.Errorf("written back %d times", n-1)
			}
			for _, k := range srv.Do("KEYS", "*").([]any) {
				if ttl, _ := srv.Do("PTTL", k.(string)).(int64); ttl <= 0 {
					t.Errorf("%v has no TTL", k)
				}
			}

			// What is fetched then is another token, and stays.
			next := newToken(t, "b", time.Hour)
			swap(t, p, store.Token{}, next)
			eventually(t, "the new one is there", func() bool { return srv.Do("GET", key) == "b" && (witness == nil || witness.gets("b")) })
		})
	}
}

// The gateway may hand out the same token again: whoever fetched it stores it on purpose.
func TestDeletedTokenThatIsFetchedAgainIsShared(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a, b := process(t, srv.Addr(), ""), process(t, srv.Addr(), "")
	tok := newToken(t, "a", time.Hour)
	swap(t, a, store.Token{}, tok)
	eventually(t, "both have it", func() bool { return a.gets("a") && b.gets("a") })
	srv.Do("DEL", key)
	eventually(t, "both have dropped it", func() bool { return a.has("") && b.has("") })
	swap(t, a, store.Token{}, tok)
	if got := srv.Do("GET", key); got != "a" {
		t.Errorf("Redis has %v", got)
	}
	srv.Do("FLUSHALL")
	eventually(t, "it is written back after a loss", func() bool { return srv.Do("GET", key) == "a" })
}

// saved is a server that writes its database to disk when it is told to.
func saved(t *testing.T) *redistest.Server {
	t.Helper()
	dir := t.TempDir()
	return redistest.Start(t, "--dir", dir, "--dbfilename", "dump.rdb")
}

// Of two valid tokens the one issued later stands, and is written back.
func TestOlderTokenThatReturnsIsReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		late bool // the process has never seen the older token
	}{
		"seen as replaced":                  {false},
		"never seen, but known to be older": {true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := saved(t)
			older, newer := aged(t, "older", 10*time.Minute, 40*time.Minute), aged(t, "newer", 0, 50*time.Minute)
			first := process(t, srv.Addr(), "")
			swap(t, first, store.Token{}, older)
			if got := srv.Do("SAVE"); got != "OK" {
				t.Fatal(got)
			}
			swap(t, first, older, newer)
			var procs []*proc
			for range 3 {
				p := process(t, srv.Addr(), "")
				eventually(t, "it has the newer one", func() bool { return p.gets("newer") })
				procs = append(procs, p)
			}
			if c.late {
				_ = first.Close()
			} else {
				procs = append(procs, first)
			}
			srv.Kill()
			srv.Restart()
			if got := srv.Do("GET", key); got != "older" && got != "newer" {
				t.Fatalf("restarted with %v: this shows nothing", got)
			}
			eventually(t, "the newer one is written back", func() bool { return srv.Do("GET", key) == "newer" })
			for i, p := range procs {
				if !p.has("newer") {
					t.Errorf("process %d has given the newer one up", i)
				}
			}
		})
	}
}
