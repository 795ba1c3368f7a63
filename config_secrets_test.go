package advoware_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store/sealed"
)

// What a program gets when it compares or dumps what is public: diffs of go-cmp in its
// tests, dumps of a debugger in its log.
func TestReflectionShowsNoSecret(t *testing.T) {
	text, ring := sealKey(t, "x")
	key, err := signer.ParseKey(apiKey)
	if err != nil {
		t.Fatal(err)
	}
	full := func() advoware.Config {
		cfg := defaults()
		cfg.Key, cfg.Password, cfg.SealKeys = key, secret.New(password), []sealed.Key{ring}
		cfg.Redis.Password, cfg.Redis.URL = secret.New("redis-"+password), secret.New("redis://:url-"+password+"@localhost")
		return cfg
	}
	secrets := []string{password, apiKey, "top-secret-api-key", text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}
	leaktest.Check(t, "Config", full(), secrets...)
	leaktest.Check(t, "RedisConfig", full().Redis, secrets...)
	leaktest.Check(t, "gateway.Config", gateway.Config{App: "app", Password: secret.New(password), Key: key}, secrets...)

	// Two readings of one environment are equal, and can be compared.
	a, b := full(), full()
	if diff := cmp.Diff(a, b, cmpopts.IgnoreFields(advoware.Config{}, "Shared", "Logger", "Hooks", "RedisHooks")); diff != "" {
		t.Errorf("they differ:\n%s", diff)
	}
	b.Password, b.Redis.Password = secret.New("another"), secret.String{}
	diff := cmp.Diff(a, b)
	if form, found := leaktest.Find(diff, append(secrets, "another")...); found || diff == "" {
		t.Errorf("%q in\n%s", form, diff)
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// All that a client is made of, with a token in it, shows none either. In a bubble, where nothing
// of the client goes on while it is walked through.
func TestReflectionShowsNoSecretOfAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, err := signer.ParseKey(apiKey)
		if err != nil {
			t.Fatal(err)
		}
		cfg, fake := advowaretest.Config(t, clienttest.Options{Password: password, APIKey: apiKey, InMemory: true})
		cfg.Transport = tripper(cfg.Transport.RoundTrip) // the wire has the token, in plain text
		cfg.Store = advoware.StoreMemory
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		cfg.Shared = stores
		c := open(t, cfg)
		mustCall(t, c)
		tok, err := c.Source().Token(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		secrets := []string{password, apiKey, "top-secret-api-key", tok.Reveal()}
		leaktest.Check(t, "Token", tok, secrets...)
		g, err := gateway.New(gateway.Config{URL: fake.TokenURL(), App: "a", Kanzlei: "k", Database: "d", User: "u", Password: secret.New(password), Key: key})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for name, v := range map[string]any{
			"Stores": stores, "Source": c.Source(), "client.Config": client.Config{Source: c.Source()},
			"Transport": &client.Transport{Source: c.Source()}, "Gateway": g,
		} {
			if form, found := leaktest.Find(leaktest.Walk(v), secrets...); found {
				t.Errorf("behind %s there is %q", name, form)
			}
		}
	})
}

func TestConfigShowsNoSecret(t *testing.T) {
	vars := required()
	vars["REDIS_PASSWORD"] = "redis-" + password
	cfg, err := read(vars, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Redis.Client = goredis.NewClient(&goredis.Options{Password: "client-" + password})
	defer cfg.Redis.Client.Close()
	secrets := []string{apiKey, "top-secret-api-key", password}
	for _, leak := range leaktest.Leaks(cfg.Redis, secrets...) {
		if !strings.HasSuffix(leak, ": walk") { // the client of the caller's has it in its options
			t.Errorf("RedisConfig with a client shows a secret: %s", leak)
		}
	}
	cfg.Redis.Client = nil // not comparable in depth, and shown to be quiet
	leaktest.Check(t, "Config", &cfg, secrets...)
	leaktest.Check(t, "a struct with a Config", struct{ cfg *advoware.Config }{&cfg}, secrets...)
	leaktest.Check(t, "a struct that embeds one", struct{ advoware.Config }{cfg}, secrets...)
	leaktest.Check(t, "a struct with an unexported one", struct{ cfg advoware.Config }{cfg}, secrets...)
}

// A long name of a key with a sign that base64 has too is no secret.
func TestLongTokenKeyIsNoSecret(t *testing.T) {
	cfg := config(t, newFake(t, clienttest.Options{}), nil)
	cfg.Store, cfg.TokenKey = advoware.StoreMemory, "kanzleien/muster1234567890_access_token"
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}
