package gateway_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

func TestEveryProblemIsInOneError(t *testing.T) {
	right := stubbed(t, answer(200, ""))
	for name, test := range map[string]struct {
		change func(*gateway.Config)
		want   []string
	}{
		"all missing": {func(c *gateway.Config) { *c = gateway.Config{} }, []string{
			"gateway: App is required", "gateway: Kanzlei is required", "gateway: Database is required",
			"gateway: User is required", "gateway: Password is required", "gateway: Key is required",
		}},
		"all negative": {func(c *gateway.Config) { c.Product, c.Role, c.Lifetime, c.Guard, c.Timeout = -1, -1, -1, -1, -1 }, []string{
			"gateway: Product must not be negative", "gateway: Role must not be negative", "gateway: Lifetime must not be negative",
			"gateway: Guard must not be negative", "gateway: Timeout must not be negative",
		}},
		"none UTF-8": {func(c *gateway.Config) {
			c.App, c.Kanzlei, c.Database, c.User, c.Password = "\xff", "M\xfcller", "\xc3", "a\x80", secret.New("wanted-text\xff")
		}, []string{
			"gateway: App is not valid UTF-8", "gateway: Kanzlei is not valid UTF-8", "gateway: Database is not valid UTF-8",
			"gateway: User is not valid UTF-8", "gateway: Password is not valid UTF-8",
		}},
		"with line ends": {func(c *gateway.Config) {
			c.App, c.Kanzlei, c.Database, c.User, c.Password = "app\n", "kanzlei\r", "\ndb", "user\r\n", secret.New("wanted-text\n")
		}, []string{
			"gateway: App begins or ends with a line end, which would be a part of it: take it off",
			"gateway: Kanzlei begins or ends with a line end, which would be a part of it: take it off",
			"gateway: Database begins or ends with a line end, which would be a part of it: take it off",
			"gateway: User begins or ends with a line end, which would be a part of it: take it off",
			"gateway: Password begins or ends with a line end, which would be a part of it: take it off",
		}},
		"empty password": {func(c *gateway.Config) { c.Password = secret.New("") }, []string{"gateway: Password is required"}},
		"some of each": {func(c *gateway.Config) { c.URL, c.App, c.Guard, c.Key = "ftp://host/", "", -1, signer.Key{} }, []string{
			"gateway: URL is not an absolute http or https URL", "gateway: App is required", "gateway: Key is required",
			"gateway: Guard must not be negative",
		}},
		"http": {func(c *gateway.Config) { c.URL = "http://advoware.example/Token" }, []string{
			"gateway: URL would send secrets in the clear to advoware.example: use https, or allow it explicitly",
		}},
		"password in the URL": {func(c *gateway.Config) { c.URL = "https://u:wanted-text@host/Token" }, []string{
			"gateway: URL has a user name or password in it, which is not used: take it out",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := right
			test.change(&cfg)
			g, err := gateway.New(cfg)
			if err == nil || g != nil {
				t.Fatalf("taken: %v", err)
			}
			if diff := cmp.Diff(test.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestURLsThatAreTaken(t *testing.T) {
	for url, insecure := range map[string]bool{
		"": false, "https://host/Token": false, "http://localhost:1/Token": false, "http://127.0.0.1/": false,
		"http://[::1]:80/Token": false, "http://host/Token": true,
	} {
		cfg := stubbed(t, answer(200, ""))
		cfg.URL, cfg.AllowInsecure = url, insecure
		if _, err := gateway.New(cfg); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// plain is a RoundTripper that is not net/http's.
type plain struct{ http.RoundTripper }

// Programs put wrappers into http.DefaultTransport.
func TestDefaultTransportIsSomethingElse(t *testing.T) {
	was := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = was })
	used := false
	http.DefaultTransport = plain{roundTripper(func(r *http.Request) (*http.Response, error) {
		used = true
		return response(200, strings.NewReader(`{"access_token":"token"}`)), nil
	})}
	cfg := stubbed(t, nil)
	cfg.Base = nil
	fetch(t, open(t, cfg))
	if !used {
		t.Error("it was not used")
	}
}

func TestIdentity(t *testing.T) {
	base := stubbed(t, nil)
	seen := map[string]string{base.Identity(): "the first"}
	for name, change := range map[string]func(*gateway.Config){
		"URL":      func(c *gateway.Config) { c.URL = "https://host/Token" },
		"App":      func(c *gateway.Config) { c.App = "x" },
		"Kanzlei":  func(c *gateway.Config) { c.Kanzlei = "x" },
		"Database": func(c *gateway.Config) { c.Database = "x" },
		"User":     func(c *gateway.Config) { c.User = "x" },
		"Role":     func(c *gateway.Config) { c.Role = 3 },
		"Product":  func(c *gateway.Config) { c.Product = 3 },
		"swapped":  func(c *gateway.Config) { c.Role, c.Product = gateway.DefaultProduct, gateway.DefaultRole },
		"moved 1":  func(c *gateway.Config) { c.App, c.Kanzlei = "appk", "anzlei" },
		"moved 2":  func(c *gateway.Config) { c.App, c.Kanzlei = "app7:k", "anzlei" },
		"comma 1":  func(c *gateway.Config) { c.App, c.Kanzlei = "a,b", "c" },
		"comma 2":  func(c *gateway.Config) { c.App, c.Kanzlei = "a", "b,c" },
		"moved 3":  func(c *gateway.Config) { c.App, c.Kanzlei, c.Database = "app,7:kanzlei", "database", "" },
	} {
		cfg := base
		change(&cfg)
		if other, taken := seen[cfg.Identity()]; taken {
			t.Errorf("%s and %s are one identity: %s", name, other, cfg.Identity())
		}
		seen[cfg.Identity()] = name
	}

	local := base
	local.URL = "http://127.0.0.1:41234/api/v1/Token"
	for _, url := range []string{"http://127.0.0.1:41235/api/v1/Token", "http://[::1]:1/api/v1/Token", "http://LOCALHOST/api/v1/Token"} {
		other := local
		if other.URL = url; other.Identity() != local.Identity() {
			t.Errorf("on this machine, %s is another identity", url)
		}
	}
	for _, url := range []string{"https://127.0.0.1:41234/api/v1/Token", "http://127.0.0.1:41234/Token", "http://host:41234/api/v1/Token"} {
		other := local
		if other.URL = url; other.Identity() == local.Identity() {
			t.Errorf("%s is the same identity", url)
		}
	}

	same := base
	same.URL, same.Role, same.Product = gateway.DefaultURL, gateway.DefaultRole, gateway.DefaultProduct
	same.Password, same.Key = secret.New("another password"), key(t, "b3RoZXI=")
	same.Lifetime, same.Guard, same.Timeout, same.UserAgent, same.Base = time.Minute, time.Minute, time.Minute, "x", answer(200, "")
	if diff := cmp.Diff(base.Identity(), same.Identity()); diff != "" {
		t.Errorf("what is no part of it changes it (-before +after):\n%s", diff)
	}
	for _, s := range []string{"a password", "a2V5", "key"} {
		if strings.Contains(base.Identity(), s) {
			t.Errorf("it has the secret %q: %s", s, base.Identity())
		}
	}
}

// What a program of a user may have around ours. fmt calls no methods on what is
// in unexported fields.
type (
	exported[T any]   struct{ Field T }
	unexported[T any] struct{ field T }
)

func around[T any](v T) []any {
	return []any{v, &v, []T{v}, map[string]T{"k": v}, exported[T]{v}, unexported[T]{v}, unexported[*T]{&v}, &unexported[*T]{&v}, unexported[any]{v}}
}

func TestNothingPrintsASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const raw = "the bytes of the key"
		o := clienttest.Options{InMemory: true, Password: "swordfish-4711", APIKey: base64.StdEncoding.EncodeToString([]byte(raw))}
		fake := clienttest.Start(t, o)
		cfg := account(t, fake)
		g := open(t, cfg)
		fake.Inject(clienttest.Fault{Status: 401, Body: `"swordfish-4711"`})
		e := failed(t, g, gateway.Refused)
		tok := fetch(t, g) // so that buffers and pools are in use
		signature := requests(t, fake)[1]["HMAC512Signature"].(string)
		synctest.Wait()

		secrets := []string{o.Password, o.APIKey, raw, signature, tok.Reveal()}
		things := slices.Concat(around(cfg), around(&cfg), around(g), around(e), around(*e))
		for _, thing := range things {
			for how, text := range prints(thing) {
				for _, s := range secrets {
					if strings.Contains(text, s) || strings.Contains(text, fmt.Sprintf("%x", s)) || strings.Contains(text, strings.Trim(fmt.Sprint([]byte(s)), "[]")) {
						t.Errorf("%T with %s shows %q", thing, how, s)
					}
				}
			}
		}
		if text := fmt.Sprintf("%+v", cfg); !strings.Contains(text, "Password:[redacted]") {
			t.Errorf("%s", text)
		}
		naked := unexported[exported[string]]{exported[string]{o.Password}}
		if !strings.Contains(prints(naked)["%s"], o.Password) {
			t.Error("this test cannot fail")
		}
	})
}

// prints returns all that fmt, slog and JSON make of v.
func prints(v any) map[string]string {
	out := map[string]string{"Errorf": fmt.Errorf("outer: %v", v).Error()}
	for _, flags := range []string{"", "+", "#"} {
		for _, verb := range "vsqxXdptTcUeb" {
			format := "%" + flags + string(verb)
			out[format] = fmt.Sprintf(format, v)
		}
	}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "attr", v)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "attr", v)
	out["slog text"], out["slog json"] = text.String(), js.String()
	data, err := json.Marshal(v)
	out["json"] = fmt.Sprintf("%s %v", data, err)
	return out
}
