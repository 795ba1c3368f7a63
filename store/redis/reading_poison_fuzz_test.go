package redis_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// tokenDigest is how the metadata names its token, for ever.
func tokenDigest(text string) string { return mac("advoware redis token v1", text) }

func mac(label, text string) string {
	m := hmac.New(sha256.New, []byte(label))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// Bits of what is under the three keys of a token.
const (
	tokenIsList    = 1 << iota
	metadataFits   // it belongs to the token
	metadataIsOurs // its identity is our own
	metadataIsList
	stampIsList
	noMetadata
	noStamp
)

// FuzzPoison: whatever is under the three keys, nobody panics; what is returned may be
// sent, and ends within a lifetime; what is not says why; all who look agree; and the
// next write repairs what is unusable, and nothing else.
func FuzzPoison(f *testing.F) {
	mr := miniredis.RunT(f)
	cfg := redisstore.Config{Client: newClient(f, patient(mr.Addr())), Identity: func(string) string { return "me" }}
	now := time.Now().UTC()
	for _, seed := range []struct {
		value                           string
		ttl                             int64
		kinds                           int
		digest, identity, shift, issued string
		stamp                           string
	}{
		{"tok", 3_180_000, noMetadata, "", "", "", "", isoformat(now)},
		{"tok", 160_000, metadataFits | metadataIsOurs, "", "", "110000", strconv.FormatInt(now.UnixMilli(), 10), ""},
		{"tok", 40_000, metadataFits, "", "somebody", "110000", "0", "yesterday"},
		{"tok", 10_399, metadataFits, "", "", "9223372036854775807", "-9223372036854775808", "9999-12-31T23:59:59.999999"},
		{"tok", 10_001, metadataFits, "", "", "-1", "9223372036854775807", "0000-00-00T00:00:00"},
		{"tok", 399, metadataFits, "", "", "9223372036854775807", "-9223372036854775808", "9999-12-31T23:59:59.999999"},
		{"tok", 1, metadataFits, "", "", "-1", "9223372036854775807", "0000-00-00T00:00:00"},
		{"tok", 0, noStamp, "x", "x", "x", "x", ""},
		{"tok", -1, tokenIsList, "", "", "", "", ""},
		{"tok", 1 << 62, metadataIsList | stampIsList, "", "", "", "", ""},
		{"tok", 100_000, metadataFits, "", strings.Repeat("i", 65), "110000", "0", ""}, // too long to be an identity
		{"", 100_000, 0, tokenDigest(""), "", "1e3", "\x00", "\xff"},
		{" ", 100_000, metadataFits, "", "somebody", "0", "0", ""}, // unusable comes before not ours
		{"tok\r\nX-Evil: 1", 100_000, metadataFits, "", "", "0", "0", isoformat(now)},
		{strings.Repeat("x", store.MaxTokenBytes+1), 100_000, metadataFits, "", "", "0", "0", ""},
	} {
		f.Add([]byte(seed.value), seed.ttl, seed.kinds, seed.digest, seed.identity, seed.shift, seed.issued, seed.stamp)
	}
	f.Fuzz(func(t *testing.T, value []byte, ttl int64, kinds int, digest, identity, shift, issued, stamp string) {
		life := time.Duration(max(0, min(ttl, 1<<43))) * time.Millisecond // 0 is for ever
		plant(t, mr.DB(1), string(value), life, kinds, digest, identity, shift, issued, stamp)
		s := mustNew(t, cfg)

		tok, err := s.Get(t.Context(), tokenKey)
		wantSound(t, "Get", tok, err, string(value))
		if st := s.Stats(); err != nil && st.Unusable()+st.Absent+st.Identity != 1 {
			t.Errorf("%v is counted as %+v", err, st)
		}
		foreign := errors.Is(err, store.ErrIdentity)
		onTheWay := life > 0 && life < 10*time.Second // it may end between two looks: they need not agree
		for name, read := range readers(t, s) {
			if name == "CompareAndSwap that loses" {
				continue // it would write
			}
			again, err := read()
			wantSound(t, name, again, err, string(value))
			if name == "Acquire" && errors.Is(err, store.ErrUnusable) && (life == 0 || life > time.Minute) { // else it may end on the way
				t.Errorf("%s: %v; want it to be somebody's turn", name, err)
			}
			if !onTheWay && (!again.Equal(tok) || errors.Is(err, store.ErrIdentity) != foreign) {
				t.Errorf("%s: %v, %v; Get says %v", name, again, err, tok)
			}
		}

		if onTheWay {
			return
		}
		next := token(t, "next", longest)
		stands, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, next)
		switch {
		case foreign && !errors.Is(err, store.ErrIdentity):
			t.Errorf("a write over another identity's: %v, %v", stands, err)
		case foreign:
		case tok.IsZero() && (err != nil || stands != next):
			t.Errorf("a write over what is unusable: %v, %v; want it done", stands, err)
		case tok.IsZero():
			if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(next) || got.IssuedAt().IsZero() {
				t.Errorf("after the repair: %v issued at %v, %v", got, got.IssuedAt(), err)
			}
			for _, key := range mr.DB(1).Keys() {
				if ttl := mr.DB(1).TTL(key); ttl <= 0 {
					t.Errorf("after the repair %s has no TTL", key)
				}
			}
		case !stands.Equal(tok):
			t.Errorf("a write over a usable one: %v, %v; want that to stand", stands, err)
		}
	})
}

// plant puts a value and what is said of it into an empty database.
func plant(t *testing.T, db *miniredis.RedisDB, value string, ttl time.Duration, kinds int, digest, identity, shift, issued, stamp string) {
	t.Helper()
	is := func(kind int) bool { return kinds&kind != 0 }
	db.FlushDB()
	list := func(key string) {
		if _, err := db.Push(key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if is(tokenIsList) {
		list(tokenKey)
	} else if err := db.Set(tokenKey, value); err != nil {
		t.Fatal(err)
	}
	if ttl > 0 {
		db.SetTTL(tokenKey, ttl)
	}
	if is(metadataFits) {
		digest = tokenDigest(value)
	}
	if is(metadataIsOurs) {
		identity = mac("advoware redis identity v1", "me")
	}
	switch {
	case is(metadataIsList):
		list(metadataKey)
	case !is(noMetadata):
		db.HSet(metadataKey, "token", digest, "identity", identity, "shift_ms", shift, "issued_ms", issued)
	}
	switch {
	case is(stampIsList):
		list(stampKey)
	case !is(noStamp):
		_ = db.Set(stampKey, stamp)
	}
}

// wantSound checks what anybody may be told of a key that holds value.
func wantSound(t *testing.T, who string, tok store.Token, err error, value string) {
	t.Helper()
	if err != nil || tok.IsZero() {
		miss := errors.Is(err, store.ErrNotFound) && errors.Is(err, store.ErrUnusable)
		if !tok.IsZero() || who == "Get" && !miss && !errors.Is(err, store.ErrIdentity) {
			t.Errorf("%s: %v, %v; want a miss that says why", who, tok, err)
		}
		return
	}
	now := time.Now()
	if tok.Reveal() != value || tok.Expiry().After(now.Add(longest)) || tok.IssuedAt().After(now) {
		t.Errorf("%s: %q, issued at %v, until %v", who, tok.Reveal(), tok.IssuedAt(), tok.Expiry())
	}
	// net/http is asked what may be in a header.
	var wire strings.Builder
	_ = http.Header{"Authorization": tok.Header()}.Write(&wire)
	if got, want := wire.String(), "Authorization: Bearer "+value+"\r\n"; got != want || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("%s: %q goes out as %q", who, value, got)
	}
}
