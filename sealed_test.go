package advoware_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	tokens "github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/sealed"
)

// With a key ring Redis never sees a token, and processes with the same ring share it,
// also while the keys are being changed.
func TestSealedTokensAreSharedAndNotReadable(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.Tiered, advoware.Redis} {
		t.Run(string(kind), func(t *testing.T) {
			fake := newFake(t, clienttest.Options{})
			srv := redistest.Start(t)
			_, first := sealKey(t, "a")
			_, second := sealKey(t, "b")
			var token string
			door := func(ring ...sealed.Key) advoware.Config {
				cfg := sharing(t, fake, srv)
				cfg.Store, cfg.TokenKey, cfg.SealKeys = kind, "sealed_token", ring
				cfg.Hooks.FetchDone = func(f tokens.Fetch) { token = f.Token.Reveal() }
				return cfg
			}
			mustCall(t, open(t, door(first)))
			mustCall(t, open(t, door(first)))
			mustCall(t, open(t, door(second, first)))
			if n := fake.Counts().TokenRequests; n != 1 {
				t.Errorf("%d token requests", n)
			}
			if srv.Do("EXISTS", "sealed_token") != int64(1) || token == "" {
				t.Error("no token is shared")
			}
			keys, _ := srv.Do("KEYS", "*").([]any)
			for _, key := range keys {
				value := fmt.Sprint(srv.Do("GET", key.(string)), srv.Do("HGETALL", key.(string)))
				if strings.Contains(value, token) {
					t.Errorf("%v shows the token", key)
				}
			}
			mustCall(t, open(t, door(second))) // who has not got the key cannot read it
			if n := fake.Counts().TokenRequests; n != 2 {
				t.Errorf("%d token requests", n)
			}
		})
	}
}

func TestSealedTokensNeedAKeyNameOfTheirOwn(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := sharing(t, fake, redistest.Start(t))
	_, key := sealKey(t, "a")
	cfg.TokenKey, cfg.SealKeys = "", []sealed.Key{key}
	if c, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenKey") || !strings.Contains(err.Error(), "SealKeys") {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestSealKeysFromTheEnvironment(t *testing.T) {
	first, _ := sealKey(t, "a")
	second, _ := sealKey(t, "b")
	read := func(vars ...string) (advoware.Config, error) {
		vals := map[string]string{
			"ADVOWARE_APP_ID": "app", "ADVOWARE_API_KEY": "YQ==", "ADVOWARE_KANZLEI": "1", "ADVOWARE_DATABASE": "db",
			"ADVOWARE_USER": "u", "ADVOWARE_PASSWORD": "p", "ADVOWARE_TOKEN_KEY": "sealed_token",
		}
		for i := 0; i < len(vars); i += 2 {
			vals[vars[i]] = vars[i+1]
		}
		return advoware.ReadEnv(func(name string) string { return vals[name] }, advoware.Tiered)
	}
	if cfg, err := read("ADVOWARE_TOKEN_SEAL_KEYS", first+", "+second); err != nil || len(cfg.SealKeys) != 2 {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	if cfg, err := read(); err != nil || cfg.SealKeys != nil {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	for name, vars := range map[string][]string{
		"ADVOWARE_TOKEN_SEAL_KEYS": {"ADVOWARE_TOKEN_SEAL_KEYS", first + ",geheim"},
		"ADVOWARE_TOKEN_KEY":       {"ADVOWARE_TOKEN_SEAL_KEYS", first, "ADVOWARE_TOKEN_KEY", ""},
	} {
		_, err := read(vars...)
		var wrong *advoware.EnvError
		if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Variable != name {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(fmt.Sprint(err), "geheim") || strings.Contains(fmt.Sprint(err), first) {
			t.Errorf("a key is shown: %v", err)
		}
	}
}
