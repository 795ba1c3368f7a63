package sealed_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

func TestParseKeys(t *testing.T) {
	a, b := base64.StdEncoding.EncodeToString([]byte(newer)), base64.StdEncoding.EncodeToString([]byte(older))
	for text, want := range map[string][]string{
		a:                              {newer},
		" " + a + "\r\n":               {newer},
		a + "," + b:                    {newer, older},
		"\t" + b + " ,\n " + a:         {older, newer},
		strings.Repeat("/", 42) + "8=": {strings.Repeat("\xff", 32)},
	} {
		keys, err := sealed.ParseKeys(text)
		if err != nil || len(keys) != len(want) {
			t.Errorf("%q: got %d keys, %v; want %d", text, len(keys), err, len(want))
			continue
		}
		for i, raw := range want {
			if keys[i].IsZero() {
				t.Errorf("%q: key %d is zero", text, i)
			}
			// A key is what it opens.
			inner := new(store.Map)
			put(t, mustNew(t, sealed.Config{Store: inner, Keys: keys[i : i+1]}), store.Token{}, token(t, "token"))
			wantHolds(t, around(t, inner, raw), token(t, "token"))
		}
	}
	if !(sealed.Key{}).IsZero() {
		t.Error("the zero Key is not zero")
	}
}

func TestParseKeysRefuses(t *testing.T) {
	good := base64.StdEncoding.EncodeToString([]byte(newer))
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"number 1 of 1 is empty"}},
		{"spaces", " \n", []string{"number 1 of 1 is empty"}},
		{"ends in a comma", good + ",", []string{"number 2 of 2 is empty"}},
		{"a byte short", base64.StdEncoding.EncodeToString(make([]byte, 31)), []string{"31 bytes, not 32"}},
		{"a byte long", base64.StdEncoding.EncodeToString(make([]byte, 33)), []string{"33 bytes, not 32"}},
		{"hex", strings.Repeat("0a", 32), []string{"48 bytes, not 32"}},
		{"no padding", strings.TrimRight(good, "="), []string{"not standard base64"}},
		{"URL alphabet", strings.Repeat("_", 42) + "8=", []string{"not standard base64"}},
		{"bits left over", strings.Repeat("/", 43) + "=", []string{"not standard base64"}},
		{"a line end inside", good[:20] + "\n" + good[20:], []string{"not standard base64"}},
		{"in quotes", `"` + good + `"`, []string{"not standard base64"}},
		{"passphrase", "correct horse battery staple", []string{"not standard base64"}},
		{"several", "x," + good + ",QUJD", []string{"number 1 of 3 is not standard base64", "number 3 of 3 is 3 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := sealed.ParseKeys(c.text)
			if keys != nil || !errors.Is(err, sealed.ErrKey) {
				t.Fatalf("got %d keys, %v; want ErrKey", len(keys), err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want a mention of %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line: %q", err)
			}
			if strings.Contains(c.text, ",") {
				return
			}
			key, err := sealed.ParseKey(c.text)
			if !key.IsZero() || !errors.Is(err, sealed.ErrKey) {
				t.Errorf("ParseKey: got %v, %v; want ErrKey", key, err)
			}
		})
	}
}

// The error says nothing of the text but its length: for another one with the same
// fault it is the same.
func TestParseKeyErrorsAreSilent(t *testing.T) {
	for _, n := range []int{1, 31, 33, 48} {
		for _, spoil := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return s + "!" },
			func(s string) string { return s[1:] },
		} {
			var errs []string
			for range 2 {
				raw := make([]byte, n)
				rand.Read(raw)
				_, err := sealed.ParseKeys(spoil(base64.StdEncoding.EncodeToString(raw)))
				if err == nil {
					t.Fatalf("%d bytes: no error", n)
				}
				errs = append(errs, err.Error())
			}
			if errs[0] != errs[1] {
				t.Errorf("%d bytes: the error depends on the text:\n%s\n%s", n, errs[0], errs[1])
			}
		}
	}
}

func TestKeyPrintsNothing(t *testing.T) {
	key := ringOf(t, newer)[0]
	leaktest.Check(t, "Key", key, newer)
	leaktest.Check(t, "embedded", embedded{key}, newer)
	leaktest.Check(t, "embedded, unexported", embeddedUnexported{key}, newer)
	leaktest.Check(t, "Config", sealed.Config{Keys: ringOf(t, newer, older)}, newer, older)
	printed := leaktest.Prints(key)
	for _, how := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "slog text", "slog json", "json", "xml"} {
		if got := printed[how]; !strings.Contains(got, "[redacted]") {
			t.Errorf("%s prints %s", how, got)
		}
	}
}

// Embedding passes the methods of Key on to the struct around it.
type (
	hidden             = sealed.Key
	embedded           struct{ sealed.Key }
	embeddedUnexported struct{ hidden }
)
