package token_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/sealed"
)

const (
	key    = "advoware_access_token"
	canary = "canary-token-0123456789"
)

// look returns the checks by their names. No text of a token is in them.
func look(t *testing.T, srv *redistest.Server, change func(*token.Config)) map[string]check.Check {
	t.Helper()
	cfg := token.Config{Key: key, Identity: "ours"}
	if srv != nil {
		cfg.Link = link.Open(t.Context(), link.Config{Redis: dial.Config{URL: secret.New("redis://" + srv.Addr())}})
		defer cfg.Link.Close()
	}
	if change != nil {
		change(&cfg)
	}
	found := make(map[string]check.Check)
	for _, c := range token.Checks(t.Context(), cfg) {
		if _, twice := found[c.Name]; twice || c.Group != "token" || c.Saw == "" || strings.Contains(fmt.Sprint(c), canary) || strings.Contains(fmt.Sprint(c), canary[7:20]) {
			t.Errorf("%+v", c)
		}
		if hinted := c.Status == check.Warning || c.Status == check.Failure; hinted != (c.Want != "") || hinted != (c.Hint != "") {
			t.Errorf("%+v", c)
		}
		found[c.Name] = c
	}
	return found
}

// want looks for parts of a check.
func want(t *testing.T, found map[string]check.Check, name string, status check.Status, saw, hint string) {
	t.Helper()
	c := found[name]
	if c.Status != status || !strings.Contains(c.Saw, saw) || !strings.Contains(c.Hint, hint) {
		t.Errorf("%s is %+v, want %s, %q and %q", name, c, status, saw, hint)
	}
}

// patient returns options for a client that writes what is looked at: on a busy machine, too.
func patient(addr string) *goredis.Options {
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	return o
}

// stored puts a token into Redis as a client does.
func stored(t *testing.T, srv *redistest.Server, identity string, keys ...sealed.Key) store.Token {
	t.Helper()
	client := goredis.NewClient(patient(srv.Addr()))
	defer client.Close()
	raw, err := redisstore.New(redisstore.Config{Client: client, Timeout: time.Minute, Logger: slog.New(slog.DiscardHandler), Identity: func(string) string { return identity }})
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var s store.Store = raw
	if len(keys) > 0 {
		if s, err = sealed.New(sealed.Config{Store: raw, Shared: raw, Keys: keys, Identity: func(string) string { return identity }}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	tok, err := store.NewToken(canary, now.Add(-10*time.Minute-30*time.Second), now.Add(44*time.Minute))
	if err == nil {
		_, err = s.CompareAndSwap(t.Context(), key, store.Token{}, tok)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestOwnToken(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := stored(t, srv, "ours")
	found := look(t, srv, nil)
	want(t, found, "near", check.Skipped, "just been started", "")
	want(t, found, "far", check.OK, "used for 4", "")
	want(t, found, "fingerprint", check.OK, tok.Fingerprint(), "")
	want(t, found, "age", check.OK, "10m", "")
	want(t, found, "age", check.OK, "s, issued at ", "")
	want(t, found, "TTL", check.OK, "42m", "")
	want(t, found, "format", check.OK, "raw token", "")
	want(t, found, "metadata", check.OK, "belongs to the token", "")
	want(t, found, "timestamp", check.OK, "that of the token", "")
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	found := look(t, redistest.Start(t), nil)
	want(t, found, "far", check.OK, "none under", "")
	want(t, found, "format", check.Skipped, "no token in Redis", "")
	found = look(t, nil, nil)
	want(t, found, "far", check.Skipped, "no Redis is used", "")
}

func TestNear(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := stored(t, srv, "ours")
	other, err := store.NewToken("other", time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	has := func(tok store.Token, err error) func(*token.Config) {
		return func(cfg *token.Config) {
			cfg.Near = func(context.Context, string) (store.Token, error) { return tok, err }
		}
	}
	want(t, look(t, srv, has(tok, nil)), "fingerprint", check.OK, "near and far "+tok.Fingerprint(), "")
	want(t, look(t, srv, has(other, nil)), "fingerprint", check.Warning, "near "+other.Fingerprint()+", far "+tok.Fingerprint(), "five seconds")
	want(t, look(t, srv, has(store.Token{}, store.ErrNotFound)), "near", check.OK, "none", "")
	want(t, look(t, srv, func(cfg *token.Config) {
		cfg.Near = func(ctx context.Context, _ string) (store.Token, error) { panic("boom") }
	}), "near", check.Warning, "panic: boom", "store")
	srv.Do("DEL", key)
	want(t, look(t, srv, has(tok, nil)), "far", check.OK, "none under", "")
}

// Each value that another program may leave under the keys has its advice.
func TestWhatOthersWrite(t *testing.T) {
	t.Parallel()
	const before = "before now: " // an age, of which a stamp is made when it is written
	stamp := func(age time.Duration) string { return before + age.String() }
	set := func(value string) [][]string { return [][]string{{"SET", key, value, "EX", "3000"}} }
	for name, c := range map[string]struct {
		commands  [][]string
		check     string
		status    check.Status
		saw, hint string
	}{
		"a line end":            {set(canary + "\n"), "format", check.Warning, "ends with a line end", "printf"},
		"CR LF":                 {set(canary + "\r\n"), "format", check.Warning, "ends with a line end", "printf"},
		"a line end in it":      {set(canary[:8] + "\n" + canary[8:]), "format", check.Warning, "has a line end in it", "access token"},
		"a space":               {set(" " + canary), "format", check.Warning, "a space", "access token"},
		"Bearer":                {set("Bearer " + canary), "format", check.Warning, "begins with Bearer", "without that word"},
		"JSON":                  {set(`{"access_token":"` + canary + `"}`), "format", check.Warning, "looks like JSON, and is sent", "out of the answer"},
		"JSON with spaces":      {set(`{"access_token": "` + canary + `"}`), "format", check.Warning, "looks like JSON", "out of the answer"},
		"quotes":                {set(`"` + canary + `"`), "format", check.Warning, "in quotes", "without them"},
		"an umlaut":             {set(canary + "ü"), "format", check.Warning, "not visible ASCII", "access token"},
		"a BOM":                 {set("\xef\xbb\xbf" + canary), "format", check.Warning, "byte order mark", "access token"},
		"empty":                 {set(""), "format", check.Warning, "empty", "access token"},
		"too long":              {set(strings.Repeat(canary, 1000)), "format", check.Warning, "longer than 16 KiB", "access token"},
		"huge":                  {[][]string{{"SETRANGE", key, "30000000", "x"}, {"EXPIRE", key, "3000"}}, "format", check.Warning, "longer than 16 KiB", "access token"},
		"a list":                {[][]string{{"LPUSH", key, canary}, {"EXPIRE", key, "3000"}}, "format", check.Warning, "not a string", "ADVOWARE_TOKEN_KEY"},
		"a list too":            {[][]string{{"LPUSH", key, canary}}, "far", check.Warning, "not a string", "replaces it"},
		"sealed":                {set("advoware-sealed-v1.AAAA"), "format", check.Warning, "sealed token", "ADVOWARE_TOKEN_SEAL_KEYS"},
		"no TTL":                {[][]string{{"SET", key, canary}}, "TTL", check.Warning, "none", "EX 3180"},
		"no TTL, far":           {[][]string{{"SET", key, canary}}, "far", check.Warning, "no TTL", "TTL"},
		"a long TTL":            {[][]string{{"SET", key, canary, "EX", "86430"}}, "TTL", check.Warning, "24h0m", "54m50s"},
		"an endless TTL":        {[][]string{{"SET", key, canary, "PX", "9000000000000000"}}, "TTL", check.Warning, "more than a token lasts", "correct"},
		"Python":                {set(canary), "metadata", check.OK, "Python service", ""},
		"Python, age":           {set(canary), "age", check.OK, "not known", ""},
		"Python, stamp":         {append(set(canary), []string{"SET", "advoware_token_timestamp", stamp(3 * time.Minute), "EX", "3000"}), "timestamp", check.OK, "goes with the TTL", ""},
		"Python, its age":       {append(set(canary), []string{"SET", "advoware_token_timestamp", stamp(3 * time.Minute), "EX", "3000"}), "age", check.OK, "3m", ""},
		"local time":            {append(set(canary), []string{"SET", "advoware_token_timestamp", stamp(-time.Hour), "EX", "3000"}), "timestamp", check.Warning, "from now", "local time"},
		"an old stamp":          {append(set(canary), []string{"SET", "advoware_token_timestamp", stamp(40 * time.Minute), "EX", "3000"}), "timestamp", check.Warning, "does not go with", "lifetime"},
		"a stamp for ever":      {append(set(canary), []string{"SET", "advoware_token_timestamp", stamp(3 * time.Minute)}), "timestamp", check.Warning, "without a TTL", "set one"},
		"another form":          {append(set(canary), []string{"SET", "advoware_token_timestamp", canary, "EX", "3000"}), "timestamp", check.Warning, "another form", "isoformat"},
		"a stamp list":          {append(set(canary), []string{"LPUSH", "advoware_token_timestamp", canary}), "timestamp", check.Warning, "not a string", "another program"},
		"huge metadata":         {append(set(canary), []string{"HSET", "{" + key + "}:meta", "identity", strings.Repeat("x", 2<<20)}), "metadata", check.Warning, "longer than our processes write", "replaces"},
		"huge metadata, format": {append(set(canary), []string{"HSET", "{" + key + "}:meta", "token", strings.Repeat("x", 2<<20)}), "format", check.OK, "raw token", ""},
		"huge stamp":            {append(set(canary), []string{"SETRANGE", "advoware_token_timestamp", "30000000", "x"}), "timestamp", check.Warning, "another form", "isoformat"},
		"metadata list":         {append(set(canary), []string{"LPUSH", "{" + key + "}:meta", canary}), "metadata", check.Warning, "no hash", "replaces"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			for _, command := range c.commands {
				for i, arg := range command {
					if age, is := strings.CutPrefix(arg, before); is {
						d, _ := time.ParseDuration(age)
						command[i] = time.Now().UTC().Add(-d).Format("2006-01-02T15:04:05.000000")
					}
				}
				if err, bad := srv.Do(command...).(redistest.Error); bad {
					t.Fatal(err)
				}
			}
			want(t, look(t, srv, nil), c.check, c.status, c.saw, c.hint)
		})
	}
}

func TestTokenOfOthers(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	stored(t, srv, "theirs")
	found := look(t, srv, nil)
	want(t, found, "far", check.Failure, "another identity", "ADVOWARE_TOKEN_KEY")
	want(t, found, "fingerprint", check.Skipped, "no token that could be used", "")
	srv.Do("SET", key, canary+"-next", "EX", "3000") // by a program that leaves no metadata
	want(t, look(t, srv, nil), "metadata", check.OK, "of the token before", "")
	want(t, look(t, srv, nil), "timestamp", check.Warning, "does not go with", "")
}

// A token that was deleted is not one again because somebody puts it back.
func TestTokenPutBack(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := stored(t, srv, "ours")
	client := goredis.NewClient(patient(srv.Addr()))
	defer client.Close()
	s, err := redisstore.New(redisstore.Config{Client: client, Timeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
		t.Fatal(err)
	}
	srv.Do("SET", key, canary, "EX", "3000")
	want(t, look(t, srv, nil), "metadata", check.Warning, "deleted by one of our processes", "fetch a new one")
}

func TestCluster(t *testing.T) {
	t.Parallel()
	node := redistest.Start(t, redistest.ClusterNode...)
	node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	for !strings.HasPrefix(fmt.Sprint(node.Do("CLUSTER", "INFO")), "cluster_state:ok") {
		continue // it takes a moment
	}
	node.Do("SET", key, canary, "EX", "3000")
	node.Do("SET", "advoware_token_timestamp", time.Now().UTC().Add(-3*time.Minute).Format("2006-01-02T15:04:05"), "EX", "3000")
	cfg := token.Config{Key: key, Link: link.Open(t.Context(), link.Config{Redis: dial.Config{URL: secret.New("redis://" + node.Addr() + "?addr=" + node.Addr())}})}
	defer cfg.Link.Close()
	found := make(map[string]check.Check)
	for _, c := range token.Checks(t.Context(), cfg) {
		found[c.Name] = c
	}
	want(t, found, "far", check.OK, "used for", "")
	want(t, found, "timestamp", check.OK, "goes with the TTL", "")
}

func TestSealed(t *testing.T) {
	t.Parallel()
	one, err1 := sealed.ParseKey("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	two, err2 := sealed.ParseKey("MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	srv := redistest.Start(t)
	tok := stored(t, srv, "ours", one)
	with := func(keys ...sealed.Key) map[string]check.Check {
		return look(t, srv, func(cfg *token.Config) { cfg.SealKeys = keys })
	}
	found := with(one)
	want(t, found, "fingerprint", check.OK, tok.Fingerprint(), "")
	want(t, found, "format", check.OK, "a sealed token", "")
	want(t, found, "metadata", check.OK, "belongs to the token", "")
	want(t, with(two), "far", check.Warning, "not in the ring", "replaces it")
	want(t, with(), "format", check.Warning, "no ADVOWARE_TOKEN_SEAL_KEYS is set", "ADVOWARE_TOKEN_SEAL_KEYS")
	srv.Do("SET", key, canary, "EX", "3000")
	want(t, with(one), "format", check.Warning, "not sealed", "ADVOWARE_TOKEN_KEY")
}

// A user who may not use GETRANGE, or not PTTL.
func TestFewRights(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	stored(t, srv, "ours")
	srv.Do("ACL", "SETUSER", "default", "-getrange", "-multi")
	want(t, look(t, srv, nil), "format", check.OK, "raw token", "")
	srv.Do("ACL", "SETUSER", "default", "-pttl")
	found := look(t, srv, nil)
	want(t, found, "TTL", check.Failure, "NOPERM", "+pttl")
	srv.Do("ACL", "SETUSER", "default", "-get")
	want(t, look(t, srv, nil), "format", check.Skipped, "NOPERM", "")
}

// The group ends in time whatever Redis does, and says of each thing that it was not seen.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	stored(t, srv, "ours")
	srv.Stop()
	began := time.Now()
	want(t, look(t, srv, nil), "far", check.Skipped, "not reached", "")
	srv.Kill()
	found := look(t, srv, nil)
	want(t, found, "far", check.Skipped, "not reached", "")
	want(t, found, "timestamp", check.Skipped, "not reached", "")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
