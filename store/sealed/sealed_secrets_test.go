package sealed_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
)

func TestStorePrintsNothing(t *testing.T) {
	secrets := []string{newer, older, "the-token-of-this-test"}
	for _, raw := range secrets[:2] {
		for label, length := range map[string]int{"nonce": 32, "seal": 32} {
			sub, err := hkdf.Key(sha256.New, []byte(raw), nil, "advoware sealed v1 "+label, length)
			if err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, string(sub))
		}
	}
	s := around(t, new(store.Map), newer, older)
	put(t, s, store.Token{}, token(t, secrets[2]))
	leaktest.Check(t, "Store", s, secrets...)
	leaktest.Check(t, "embedded", struct{ *sealed.Store }{s}, secrets...)
	type hidden = sealed.Store
	leaktest.Check(t, "embedded, unexported", struct{ *hidden }{s}, secrets...)
}

func TestErrorsAreSilent(t *testing.T) {
	const text = "the-token-of-this-test"
	long := strings.Repeat(text, 600)
	var errs []error
	for _, there := range []string{text, form(t, older, text), form(t, newer, text) + "A"} {
		_, err := containing(t, there, newer).Get(t.Context(), name)
		errs = append(errs, err)
	}
	s := around(t, new(store.Map), newer)
	_, err := s.CompareAndSwap(t.Context(), name, store.Token{}, token(t, long))
	errs = append(errs, err)
	_, err = around(t, &restless{calls: new(int), t: t}, newer).CompareAndSwap(t.Context(), name, store.Token{}, token(t, text))
	errs = append(errs, err)
	for _, err := range errs {
		if err == nil {
			t.Error("no error")
			continue
		}
		leaktest.Check(t, fmt.Sprint(err), err, text, newer, older)
		if !strings.HasPrefix(err.Error(), "store/sealed: ") || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not say where", err)
		}
	}
}

// Nothing that is in Redis shows a token, under any key, in any form.
func TestRedisHoldsNoToken(t *testing.T) {
	srv := redistest.Start(t)
	s := mustNew(t, sealed.Config{
		Store: newRedis(t, srv.Addr(), redisstore.Config{Identity: func(string) string { return "Kanzlei A" }}),
		Keys:  ringOf(t, newer, older), Identity: func(string) string { return "Kanzlei A" },
	})
	texts := []string{"first-token-of-this-test", "second-token-of-this-test"}
	put(t, s, store.Token{}, token(t, texts[0]))
	put(t, s, token(t, texts[0]), token(t, texts[1]))
	wantHolds(t, s, token(t, texts[1]))

	keys, _ := srv.Do("KEYS", "*").([]any)
	if len(keys) < 3 {
		t.Fatalf("keys %q, want the token, its metadata and its timestamp", keys)
	}
	var dump strings.Builder
	for _, key := range keys {
		var value any
		switch kind := srv.Do("TYPE", key.(string)); kind {
		case "string":
			value = srv.Do("GET", key.(string))
		case "hash":
			value = srv.Do("HGETALL", key.(string))
		default:
			t.Fatalf("%s is a %v", key, kind)
		}
		fmt.Fprintln(&dump, key, value)
	}
	if !strings.Contains(dump.String(), "advoware-sealed-v1.") {
		t.Errorf("no sealed token in\n%s", &dump)
	}
	if form, found := leaktest.Find(dump.String(), append(texts, token(t, texts[1]).Fingerprint(), newer, older)...); found {
		t.Errorf("%q in\n%s", form, &dump)
	}
}
