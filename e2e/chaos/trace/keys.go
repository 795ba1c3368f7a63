package trace

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/proof/rules"
)

// keys is what Redis has, as far as the commands tell.
type keys map[string]value

type value struct {
	text string
	hash map[string]string // nil if it is no hash
	kind string
	ends time.Time     // zero for never
	long time.Duration // from when it was known to its end: its TTL is never more

	vague time.Duration // its end may have come earlier by that
}

// newKeys returns what a snapshot of that instant has.
func newKeys(at time.Time, answer string) (keys, error) {
	var all map[string]struct {
		Kind, Text string
		Hash       map[string]string
		MS         int64
	}
	if err := json.Unmarshal([]byte(answer), &all); err != nil {
		return nil, fmt.Errorf("a snapshot is %q: %w", answer, err)
	}
	k := make(keys)
	for key, one := range all {
		v := value{kind: one.Kind, text: one.Text, hash: one.Hash}
		if one.MS >= 0 {
			v.end(at, 0, time.Duration(one.MS)*time.Millisecond)
		}
		if one.Kind != "none" {
			k[key] = v
		}
	}
	return k, nil
}

// at returns what some keys have at an instant.
func (k keys) at(t time.Time, names []string) map[string]rules.Value {
	some := make(map[string]rules.Value)
	for _, key := range names {
		v, has := k[key]
		switch ttl := v.ends.Sub(t); {
		case !has:
		case v.ends.IsZero():
			some[key] = rules.Value{Text: v.text, Hash: maps.Clone(v.hash), Kind: v.kind, TTL: -1}
		case ttl > 0:
			some[key] = rules.Value{Text: v.text, Hash: maps.Clone(v.hash), Kind: v.kind, TTL: min(ttl, v.long)}
		}
	}
	return some
}

// differs names a key that has, or certainly had within slack, something else than real. What
// ends within that time is not compared.
func (k keys) differs(at time.Time, real keys) string {
	for _, key := range slices.Sorted(maps.Keys(real)) {
		if mine, r := k[key], real[key]; soon(at, r) || soon(at, mine) {
			continue
		} else if mine.kind != r.kind || mine.text != r.text || !maps.Equal(mine.hash, r.hash) || mine.ends.IsZero() != r.ends.IsZero() || mine.ends.Sub(r.ends).Abs() > slack+mine.vague {
			return fmt.Sprintf("%s has %+v, and by the commands %+v", key, r, mine)
		}
	}
	for key, mine := range k {
		if _, has := real[key]; !has && !soon(at, mine) && (mine.ends.IsZero() || mine.ends.After(at)) {
			return fmt.Sprintf("%s is gone, and has by the commands %+v", key, mine)
		}
	}
	return ""
}

// soon reports whether a value may end just then, as far as is known.
func soon(at time.Time, v value) bool {
	left := v.ends.Sub(at)
	return !v.ends.IsZero() && -slack <= left && left <= slack+v.vague
}

// vague reports whether it is not known of one of some keys whether it has ended at an instant.
func (k keys) vague(at time.Time, names []string) bool {
	return slices.ContainsFunc(names, func(key string) bool { return k[key].vague > 0 && soon(at, k[key]) })
}

// reads are commands that change none of the keys.
var reads = strings.Fields("GET GETRANGE STRLEN EXISTS TYPE TTL PTTL HGET HMGET HGETALL HSTRLEN KEYS SCAN DBSIZE " +
	"PING ECHO TIME INFO SELECT AUTH HELLO RESET QUIT CLIENT COMMAND SCRIPT CLUSTER ROLE MEMORY " +
	"MULTI EXEC DISCARD WATCH UNWATCH SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUBLISH " +
	"CONFIG SAVE BGSAVE DEBUG REPLICAOF REPLCONF PSYNC SYNC SHUTDOWN MONITOR WAIT")

// changes returns which keys a command may change, nil for all, and whether it is one that this
// package knows.
func changes(args []string) (names []string, known bool) {
	switch args[0] {
	case "SET", "PEXPIRE", "EXPIRE", "HSET", "LPUSH", "RPUSH":
		return args[1:2], len(args) > 1
	case "MSET":
		for i := 1; i < len(args); i += 2 {
			names = append(names, args[i])
		}
		return names, len(args)%2 == 1
	case "DEL", "UNLINK":
		return args[1:], true
	case "FLUSHALL", "FLUSHDB", "SWAPDB":
		return nil, true
	}
	return []string{}, slices.Contains(reads, args[0])
}

// apply carries out a command that changes keys at an instant, or later by still.
func (k keys) apply(at time.Time, still time.Duration, args []string) {
	switch args[0] {
	case "SET":
		v := value{kind: "string", text: args[2]}
		for i := 3; i < len(args); i++ {
			unit := map[string]time.Duration{"PX": time.Millisecond, "EX": time.Second}[strings.ToUpper(args[i])]
			if unit > 0 && i+1 < len(args) {
				v.end(at, still, number(args[i+1])*unit)
			}
		}
		k[args[1]] = v
	case "MSET":
		for key, text := range sets(args) {
			k[key] = value{kind: "string", text: text}
		}
	case "LPUSH", "RPUSH": // of what another type has, an error
		if _, has := k.live(at, args[1]); !has {
			k[args[1]] = value{kind: "list"}
		}
	case "PEXPIRE", "EXPIRE":
		unit := map[string]time.Duration{"PEXPIRE": time.Millisecond, "EXPIRE": time.Second}[args[0]]
		if v, has := k.live(at, args[1]); has {
			v.end(at, still, number(args[2])*unit)
			k[args[1]] = v
		}
	case "HSET":
		v, has := k.live(at, args[1])
		if has && v.kind != "hash" {
			return // an error
		}
		if v.hash = maps.Clone(v.hash); !has {
			v = value{kind: "hash", hash: make(map[string]string)}
		}
		for i := 2; i+1 < len(args); i += 2 {
			v.hash[args[i]] = args[i+1]
		}
		k[args[1]] = v
	case "DEL", "UNLINK":
		for _, key := range args[1:] {
			delete(k, key)
		}
	case "FLUSHALL", "FLUSHDB", "SWAPDB":
		clear(k)
	}
}

func (v *value) end(at time.Time, still, ttl time.Duration) {
	v.ends, v.long, v.vague = at.Add(still+ttl), ttl, still
}

// sets returns what a command writes as a whole, by key.
func sets(args []string) map[string]string {
	switch all := make(map[string]string); args[0] {
	case "SET":
		if len(args) > 2 {
			all[args[1]] = args[2]
		}
		return all
	case "MSET":
		for i := 1; i+1 < len(args); i += 2 {
			all[args[i]] = args[i+1]
		}
		return all
	}
	return nil
}

func (k keys) live(at time.Time, key string) (value, bool) {
	v, has := k[key]
	if !has || !v.ends.IsZero() && !v.ends.After(at) {
		return value{}, false
	}
	return v, true
}

func number(text string) time.Duration {
	n, _ := strconv.ParseInt(text, 10, 64)
	return time.Duration(n)
}
