package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Over real HTTP; the fake checks every field and the signature by its own code.
func TestSignedRequest(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Kanzlei: "Müller & Söhne", Product: 1, Role: 7})
	cfg := account(t, fake)
	cfg.UserAgent = "test/1"
	tok := fetch(t, open(t, cfg))
	if fake.Counts().TokensIssued != 1 || !fake.Revoke(tok.Reveal()) {
		t.Error("the token is not the one that was issued")
	}

	all := fake.RawRequests()
	if len(all) != 1 {
		t.Fatalf("%d requests, want 1", len(all))
	}
	r := all[0]
	if r.Method != http.MethodPost || r.Path != "/api/v1/Token" || len(r.Query) != 0 {
		t.Errorf("%s %s?%s", r.Method, r.Path, r.Query.Encode())
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "User-Agent": "test/1", "Authorization": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	fields := sent(t, string(r.Body))
	for name, form := range map[string]string{
		"Nonce":            `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"RequestTimeStamp": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
		"HMAC512Signature": `^[A-Za-z0-9+/]{86}==$`,
	} {
		if text, _ := fields[name].(string); !regexp.MustCompile(form).MatchString(text) {
			t.Errorf("%s is %v", name, fields[name])
		}
		delete(fields, name)
	}
	want := map[string]any{
		"AppID": "sandbox-app", "Kanzlei": "Müller & Söhne", "Database": "SANDBOX-DATABASE", "User": "sandbox-user",
		"Password": "sandbox-password", "Role": json.Number("7"), "Product": json.Number("1"),
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("the other fields (-want +got):\n%s", diff)
	}
}

// The fake compares what arrives with what it was given, byte for byte.
func TestAnyUnicodeArrives(t *testing.T) {
	for name, text := range map[string]string{
		"quotes":      `"quoted" 'single'`,
		"backslash":   `a\b\\c\u0041\`,
		"umlauts":     "Ärger über Größe",
		"emoji":       "🔑👩‍⚖️",
		"html":        `a&b<c>&amp;d`,
		"separators":  "a\u2028b\u2029c",
		"controls":    "tab\tbell\adel\x7f",
		"decomposed":  "u\u0308 is not \u00fc",
		"replacement": "\ufffd",
		"spaces":      "  padded  ",
		"colons":      "a:b::c",
		"percent":     "100%25%",
	} {
		t.Run(name, func(t *testing.T) {
			fake := clienttest.Start(t, clienttest.Options{AppID: "1" + text, Kanzlei: "2" + text, Database: "3" + text, User: "4" + text, Password: "5" + text})
			fetch(t, open(t, account(t, fake)))
			if body := fake.RawRequests()[0].Body; name == "html" && !bytes.Contains(body, []byte(text)) {
				t.Errorf("mangled: %s", body)
			}
		})
	}
}

func TestEachAttemptHasItsOwnNonceAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := inMemory(t)
		g := open(t, account(t, fake))
		nonces := make(map[any]bool)
		var times []any
		for range 3 {
			fetch(t, g)
			time.Sleep(1500 * time.Microsecond)
		}
		for _, r := range requests(t, fake) {
			nonces[r["Nonce"]] = true
			times = append(times, r["RequestTimeStamp"])
		}
		if len(nonces) != 3 {
			t.Errorf("%d nonces in 3 attempts", len(nonces))
		}
		// A bubble's clock starts at midnight UTC.
		want := []any{"2000-01-01T00:00:00.000Z", "2000-01-01T00:00:00.001Z", "2000-01-01T00:00:00.003Z"}
		if diff := cmp.Diff(want, times); diff != "" {
			t.Errorf("timestamps (-want +got):\n%s", diff)
		}
	})
}

func TestTimestampIsUTC(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far east", 14*60*60)
	cfg := stubbed(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		stamp := sent(t, string(body))["RequestTimeStamp"].(string)
		if at, err := time.Parse(time.RFC3339, stamp); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("%s is not the time, which is %s", stamp, time.Now().UTC())
		}
		return response(200, strings.NewReader(`{"access_token":"t"}`)), nil
	})
	fetch(t, open(t, cfg))
}

func TestDefaultsAreTheVendors(t *testing.T) {
	var url, agent string
	var fields map[string]any
	cfg := stubbed(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		url, agent, fields = r.URL.String(), r.UserAgent(), sent(t, string(body))
		return response(200, strings.NewReader(`{"access_token":"t"}`)), nil
	})
	tok := fetch(t, open(t, cfg))
	if url != "https://security.advo-net.net/api/v1/Token" || agent != "advoware-go" {
		t.Errorf("sent to %s by %s", url, agent)
	}
	if fields["Product"] != json.Number("64") || fields["Role"] != json.Number("2") {
		t.Errorf("Product %v, Role %v", fields["Product"], fields["Role"])
	}
	if life := tok.Expiry().Sub(tok.IssuedAt()); life != 55*time.Minute-10*time.Second {
		t.Errorf("the token is used for %v", life)
	}
}

func TestLogTellsTheRequestWithoutSecrets(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Skew: time.Hour})
	cfg := account(t, fake)
	var log bytes.Buffer
	cfg.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	tok := fetch(t, open(t, cfg))
	if n := strings.Count(log.String(), `"level":"DEBUG"`); n != 2 {
		t.Errorf("%d debug lines for two requests", n)
	}
	if n := strings.Count(log.String(), `"level":"WARN"`); n != 1 {
		t.Errorf("%d warnings of one wrong clock", n)
	}
	for _, r := range requests(t, fake) {
		if !strings.Contains(log.String(), r["Nonce"].(string)) {
			t.Error("a request is not logged")
		}
		for _, s := range []any{r["HMAC512Signature"], r["Password"], tok.Reveal(), fake.Options().APIKey} {
			if strings.Contains(log.String(), s.(string)) {
				t.Errorf("logged: %v", s)
			}
		}
	}
}
