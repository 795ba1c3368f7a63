package sim

import (
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// hostile writes into one of our keys what we would not write there.
func (w *world) hostile(e Event) {
	v := w.redis.Keys(db)[tokenKey]
	w.lost()
	lock, failed, refused, meta := rediskey.Lock(tokenKey), rediskey.Failed(tokenKey), rediskey.Refused(tokenKey), rediskey.Metadata(tokenKey)
	owner := strings.Repeat("A", 26)
	credentials := strings.Repeat("ab", 32)
	now := strconv.FormatInt(w.began.UnixMilli(), 10)
	hash := func(key string, ttl string, fields ...string) {
		w.write("DEL", key)
		w.write(append([]string{"HSET", key}, fields...)...)
		if ttl != "" {
			w.write("PEXPIRE", key, ttl)
		}
	}
	token := func(args ...string) {
		w.overwrites()
		w.write(args...)
	}
	all := []func(){
		// the token key
		func() { token("SET", tokenKey, "", "EX", "3000") },
		func() { token("SET", tokenKey, "two words", "EX", "3000") },
		func() { token("SET", tokenKey, "line\r\nbreak", "EX", "3000") },
		func() { token("SET", tokenKey, strings.Repeat("x", 17<<10), "EX", "3000") },
		func() { token("DEL", tokenKey); w.write("RPUSH", tokenKey, "a") },
		func() { w.unknown(); w.overwrites(); w.write("PERSIST", tokenKey) },
		func() { w.overwrites(); w.write("PEXPIRE", tokenKey, "1500") },
		func() { w.unknown(); w.write("PEXPIRE", tokenKey, "99999999999") },
		// the lease
		func() { w.write("SET", lock, owner) },
		func() { w.write("SET", lock, owner, "PX", "3600000") },
		func() { w.write("SET", lock, owner, "PX", "9000") },
		func() { w.write("SET", lock, "x", "PX", "3000") },
		func() { w.write("DEL", lock); w.write("RPUSH", lock, owner) },
		func() { w.write("PEXPIRE", lock, "86400000") },
		func() { w.write("DEL", lock) },
		// what a holder met
		func() {
			hash(failed, "300000", "holder", owner, "credentials", credentials, "kind", "outage", "message", "x")
		},
		func() { hash(failed, "", "holder", owner, "credentials", "", "kind", "outage", "message", "x") },
		func() { w.write("SET", failed, "x") },
		func() { w.write("PEXPIRE", failed, "99999999") },
		// refusals
		func() { w.write("SET", refused, credentials+" "+now+" 60000 wrong\n", "PX", "60000") },
		func() { w.write("SET", refused, strings.Repeat("\n", 20000), "PX", "60000") },
		func() { w.write("PEXPIRE", refused, "99999999") },
		func() { w.write("DEL", refused); w.write("RPUSH", refused, "x") },
		// the metadata
		func() {
			w.unknown()
			hash(meta, "3000000", "token", "x", "identity", "y", "shift_ms", "z", "issued_ms", "-1")
		},
		func() { w.unknown(); w.write("DEL", meta) },
		func() { w.unknown(); w.write("SET", meta, "x", "PX", "3000000") },
		func() {
			w.write("HSET", meta, "issued_ms", "99999999999999999999", "shift_ms", "99999999999999")
		},
		func() { w.unknown(); w.write("HSET", meta, "identity", strings.Repeat("i", 10000)) },
		// tombstones
		func() {
			if v.Text != "" {
				w.overwrites()
				w.write("SET", rediskey.Tombstone(tokenKey, v.Text), "1", "EX", "60")
			}
		},
		func() { w.write("SET", rediskey.Timestamp(tokenKey), "2099-01-01T00:00:00") },
	}
	all[e.N%len(all)]()
}

// unknown notes that Redis does not say any more whose token is there.
func (w *world) unknown() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unnamed = true
}
