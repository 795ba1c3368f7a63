package tiered_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// What each command that a client may send means for two processes, of which one is cut
// off now and then: both come to the same end, and Redis as well.
func TestCommandsOfOthers(t *testing.T) {
	const (
		kept    = "a"     // and, if need be, written back
		dropped = ""      // it was deleted
		other   = "other" // taken
	)
	elsewhere := []string{"SET", "o", "other", "EX", "3000"}
	for name, c := range map[string]struct {
		want string
		sent [][]string
	}{
		"RENAME to another name": {dropped, [][]string{{"RENAME", key, "elsewhere"}}},
		"MOVE":                   {dropped, [][]string{{"MOVE", key, "2"}}},
		"GETDEL":                 {dropped, [][]string{{"GETDEL", key}}},
		"UNLINK":                 {dropped, [][]string{{"UNLINK", key}}},
		"EXPIRE in a second":     {dropped, [][]string{{"EXPIRE", key, "1"}}},
		"EXPIRE in the past":     {dropped, [][]string{{"PEXPIREAT", key, "1"}}},
		"GETEX":                  {dropped, [][]string{{"GETEX", key, "PX", "500"}}},
		"DEL, with no memory":    {dropped, [][]string{{"CONFIG", "SET", "maxmemory", "1"}, {"DEL", key}}},
		"PERSIST":                {kept, [][]string{{"PERSIST", key}}},
		"SET of the same":        {kept, [][]string{{"SET", key, "a"}}},
		"SETEX of the same":      {kept, [][]string{{"SETEX", key, "100", "a"}}},
		"RESTORE of the same":    {kept, [][]string{{"EVAL", "return redis.call('RESTORE', KEYS[1], 0, redis.call('DUMP', KEYS[1]), 'REPLACE')", "1", key}}},
		"SETRANGE":               {kept, [][]string{{"SETRANGE", key, "20000", "x"}}},
		"COPY without a TTL":     {kept, [][]string{{"SET", "o", "other"}, {"COPY", "o", key, "REPLACE"}}},
		"DEL of the metadata":    {kept, [][]string{{"DEL", metadataKey}}},
		"FLUSHDB ASYNC":          {kept, [][]string{{"FLUSHDB", "ASYNC"}}},
		"SWAPDB there and back":  {kept, [][]string{{"SWAPDB", "1", "3"}, {"SWAPDB", "1", "3"}}},
		"CLIENT PAUSE WRITE":     {kept, [][]string{{"CLIENT", "PAUSE", "500", "WRITE"}}},
		"COPY":                   {other, [][]string{elsewhere, {"COPY", "o", key, "REPLACE"}}},
		"RENAME over it":         {other, [][]string{elsewhere, {"RENAME", "o", key}}},
		"RESTORE":                {other, [][]string{elsewhere, {"EVAL", "return redis.call('RESTORE', KEYS[1], 3000000, redis.call('DUMP', 'o'), 'REPLACE')", "1", key}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			px := proxied(t, srv)
			witness, p := process(t, srv.Addr(), ""), process(t, px.Addr(), "")
			swap(t, witness, store.Token{}, newToken(t, "a", time.Hour))
			eventually(t, "both have it", func() bool { return p.gets("a") && witness.gets("a") })
			eventually(t, "both know it is there", func() bool { return p.far.Stats().Hits > 0 && witness.far.Stats().Hits > 0 })
			cut(t, px, true)
			for _, args := range c.sent {
				if refused, is := srv.Do(args...).(redistest.Error); is {
					t.Fatal(refused)
				}
			}
			for range 3 { // every second, but faster
				cut(t, px, false)
				cut(t, px, true)
			}
			cut(t, px, false)
			settled := func() bool {
				there, _ := srv.Do("GET", key).(string)
				ttl, _ := srv.Do("PTTL", key).(int64)
				return there == c.want && (ttl > 0) == (c.want != dropped) && witness.has(c.want) && p.has(c.want)
			}
			eventually(t, "both come to the same end", settled)
			writes := witness.far.Stats().Writes + p.far.Stats().Writes
			if cut(t, px, true); writes > 3 {
				t.Errorf("%d writes", writes)
			}
			cut(t, px, false)
			eventually(t, "it stays like that", settled)
		})
	}
}

// A failover to a replica that was behind: of two valid tokens the newer one stands, and is
// written back, whether its processes have seen the older one or not.
func TestFailoverToAReplicaThatWasBehind(t *testing.T) {
	for name, foreign := range map[string]bool{"tokens of ours": false, "an older token of another program": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			master, replica := redistest.StartPair(t)
			way := redistest.StartRelay(t, master.Addr())
			older, newer := aged(t, "older", 10*time.Minute, 40*time.Minute), aged(t, "newer", 0, 50*time.Minute)
			a := process(t, way.Addr(), "")
			if foreign {
				issued := older.IssuedAt().UTC().Format("2006-01-02T15:04:05.000000")
				master.Do("SET", key, "older", "EX", "2580")
				master.Do("SET", key+"_timestamp", issued, "EX", "2580")
				eventually(t, "it has the older one", func() bool { return a.gets("older") })
			} else {
				swap(t, a, store.Token{}, older)
			}
			eventually(t, "the replica has it", func() bool {
				return replica.Do("GET", key) == "older" && replica.Do("EXISTS", key+"_timestamp") == int64(1)
			})
			replica.Do("REPLICAOF", "NO", "ONE") // and hears of nothing any more
			old, _ := a.Get(t.Context(), key)
			swap(t, a, old, newer)
			b := process(t, way.Addr(), "")
			eventually(t, "another process has the newer one", func() bool { return b.gets("newer") })

			way.Point(replica.Addr())
			master.Kill()
			if got := replica.Do("GET", key); got != "older" && got != "newer" {
				t.Fatalf("the replica has %v", got)
			}
			eventually(t, "the newer one is written back", func() bool { return replica.Do("GET", key) == "newer" })
			if !a.has("newer") || !b.has("newer") {
				t.Error("the newer one was given up")
			}
			if late := process(t, way.Addr(), ""); !late.gets("newer") {
				t.Error("who comes later does not get it")
			}
		})
	}
}
