package peek

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
)

// Key is a key in Redis that belongs to the token.
type Key struct {
	Name string `json:"key"`
	What string `json:"what"`
	Type string `json:"type"` // none if there is no such key
	// TTLSeconds is how long it lasts; nil is for ever, or that there is none.
	TTLSeconds *float64 `json:"ttl_s"`
	// Says is what its value says, as far as it is not secret. Whoever can write to Redis
	// can have put it there.
	Says map[string]string `json:"says,omitempty"`
	Err  string            `json:"error,omitempty"` // why it could not be looked at
}

const longest = 256 // bytes of a value that are shown

// Keys returns the keys that belong to the token: those of docs/redis.md, in that order. tok is
// taken out of what others wrote.
func (l *Look) Keys(ctx context.Context, tok store.Token) []Key {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Redis.Timeout)
	defer cancel()
	key := l.cfg.TokenKey
	stamp := key + "_timestamp"
	if key == "advoware_access_token" {
		stamp = "advoware_token_timestamp"
	}
	own := "{" + key + "}:"
	all := []Key{
		{Name: key, What: "the token"},
		{Name: stamp, What: "when it was issued, for other programs"},
		{Name: own + "meta", What: "what the raw token cannot say"},
		{Name: own + "lock", What: "the process that is fetching"},
		{Name: own + "failed", What: "the failure of the last one, for those that waited for it"},
		{Name: own + "refused", What: "refused credentials, which are left alone"},
		{Name: own + "address", What: "where the Kanzlei is reached"},
		{Name: own + "address:asking", What: "a process is asking the vendor where"},
		{Name: own + "address:moved", What: "the vendor is not asked again for a minute"},
	}
	for i := range all {
		l.look(ctx, &all[i])
	}
	all = append(all, l.tombstones(ctx, own+"gone:*"))
	hidden := func(text string) string { return redact.OneLine(text, longest) }
	if secret := tok.Reveal(); secret != "" {
		find := redact.NewToken(secret)
		hidden = func(text string) string { return redact.OneLine(find.HideCut(text), longest) }
	}
	for i := range all {
		for name, text := range all[i].Says {
			all[i].Says[name] = hidden(text)
		}
	}
	return all
}

// look fills k in.
func (l *Look) look(ctx context.Context, k *Key) {
	kind, err := do(ctx, l, func(ctx context.Context) (string, error) { return l.client().Type(ctx, k.Name).Result() })
	if err != nil {
		k.Type, k.Err = "unknown", err.Error()
	} else {
		k.Type = kind
	}
	left, err := do(ctx, l, func(ctx context.Context) (time.Duration, error) { return l.client().PTTL(ctx, k.Name).Result() })
	switch {
	case err != nil:
		k.Err = err.Error()
	case left >= 0:
		k.TTLSeconds = new(left.Seconds())
		if k.Type == "unknown" {
			k.Type = "there"
		}
	case left == -2 && k.Type == "unknown": // without the right to TYPE
		k.Type, k.Err = "none", ""
	}
	if k.Type != "none" {
		k.Says = l.says(ctx, k.Name)
	}
}

// says returns what a value says, without tokens and proofs.
func (l *Look) says(ctx context.Context, key string) map[string]string {
	text := func() string {
		s, _ := do(ctx, l, func(ctx context.Context) (string, error) {
			return l.client().GetRange(ctx, key, 0, 16*longest).Result()
		})
		return s
	}
	fields := func(names ...string) []string {
		values := make([]string, len(names))
		got, _ := do(ctx, l, func(ctx context.Context) ([]any, error) { return l.client().HMGet(ctx, key, names...).Result() })
		for i := range got {
			values[i], _ = got[i].(string)
		}
		return values
	}
	switch name := strings.TrimPrefix(key, "{"+l.cfg.TokenKey+"}:"); name {
	case l.cfg.TokenKey: // never what is in it
		n, err := do(ctx, l, func(ctx context.Context) (int64, error) { return l.client().StrLen(ctx, key).Result() })
		if err != nil {
			return nil
		}
		return map[string]string{"bytes": strconv.FormatInt(n, 10)}
	case "meta":
		f := fields("issued_ms", "shift_ms", "identity")
		return map[string]string{"issued_at": instant(f[0]), "used_after_ttl_ms": f[1], "identity": digest(f[2])}
	case "lock":
		return map[string]string{"holder": digest(text())}
	case "failed":
		f := fields("kind", "message", "credentials")
		return map[string]string{"kind": f[0], "message": f[1], "credentials": digest(f[2])}
	case "refused":
		return refusals(text())
	case "address":
		return address(text())
	case "address:asking", "address:moved":
		return nil
	}
	stamp := text() // of the timestamp key
	if _, err := time.Parse("2006-01-02T15:04:05", stamp); err != nil {
		stamp = "not a time"
	}
	return map[string]string{"issued_at_utc": stamp}
}

// refusals returns the lines of {key}:refused: the digest of credentials, when they were
// refused, for how long, and why.
func refusals(text string) map[string]string {
	says := make(map[string]string)
	for line := range strings.Lines(text) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 4); len(f) == 4 {
			says["credentials "+digest(f[0])] = "refused at " + instant(f[1]) + ": " + f[3]
		}
	}
	return says
}

// address returns what is remembered of where a Kanzlei is reached, without its proof.
func address(text string) map[string]string {
	_, rest, _ := strings.Cut(text, " ")
	_, what, ok := strings.Cut(rest, " ")
	if !ok {
		return nil
	}
	return map[string]string{"answer": what}
}

// digest returns the first digits of a digest.
func digest(text string) string { return fmt.Sprintf("%.8s", text) }

// instant returns a time in ms since 1970 for a person.
func instant(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n <= 0 || n > 1<<43 {
		return "unknown"
	}
	return time.UnixMilli(n).UTC().Format(time.RFC3339)
}

const (
	scanned = 1000 // keys that are looked at in a step of SCAN
	steps   = 100
)

// tombstones counts the tombstones of a token, in a database that is not too large.
func (l *Look) tombstones(ctx context.Context, pattern string) Key {
	k := Key{Name: pattern, What: "tokens that were deleted, until they have ended", Type: "none"}
	if _, ok := l.client().(*goredis.ClusterClient); ok {
		k.Type, k.Err = "unknown", "a Cluster is not searched"
		return k
	}
	pattern = strings.NewReplacer("[", "\\[", "]", "\\]", "?", "\\?", "\\", "\\\\").Replace(strings.TrimSuffix(pattern, "*"))
	pattern = strings.ReplaceAll(pattern, "*", "\\*") + "*"
	var cursor uint64
	found := 0
	for range steps {
		type page struct {
			keys []string
			next uint64
		}
		p, err := do(ctx, l, func(ctx context.Context) (p page, err error) {
			p.keys, p.next, err = l.client().Scan(ctx, cursor, pattern, scanned).Result()
			return p, err
		})
		if err != nil {
			k.Type, k.Err = "unknown", err.Error()
			return k
		}
		found += len(p.keys)
		if cursor = p.next; cursor == 0 {
			break
		}
	}
	if found > 0 {
		k.Type = "string"
		k.Says = map[string]string{"count": strconv.Itoa(found)}
	}
	if cursor != 0 {
		k.Err = fmt.Sprintf("the database has more than %d keys: not all were looked at", steps*scanned)
	}
	return k
}

// do sends a command. An error shows no login.
func do[T any](ctx context.Context, l *Look, fn func(context.Context) (T, error)) (T, error) {
	v, err := bounded.Do(ctx, fn)
	if err != nil {
		err = redissaid.Scrub(redissaid.HideLogin(err, l.client()))
	}
	return v, err
}
