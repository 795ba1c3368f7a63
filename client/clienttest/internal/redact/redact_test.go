package redact_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest/internal/redact"
)

func TestBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"Password":"geheim","User":"x"}`:                        `{"Password":"[redacted]","User":"x"}`,
		`{ "User" : "x", "Password" : "ge\"heim" }`:               `{ "User" : "x", "Password":"[redacted]" }`,
		`{"HMAC512Signature":null,"password":7,"a":[1,{"b":2}]}`:  `{"HMAC512Signature":"[redacted]","password":"[redacted]","a":[1,{"b":2}]}`,
		`{"Pass\u0077ord":{"x":["geheim",{}]},"a":"b"}`:           `{"Pass\u0077ord":"[redacted]","a":"b"}`,
		`{"a":{"PASSWORD":["geheim"]},"Password":[[]]}`:           `{"a":{"PASSWORD":"[redacted]"},"Password":"[redacted]"}`,
		`[{"x":"password"},["Password","y"],{"token":"geheim"}]`:  `[{"x":"password"},["Password","y"],{"token":"[redacted]"}]`,
		`{"Password":{"Password":"geheim"},"Password":"geheim"}`:  `{"Password":"[redacted]","Password":"[redacted]"}`,
		`{"a":{"b":{"c":1}},"Kennwort":true,"d":{"kennwort":{}}}`: `{"a":{"b":{"c":1}},"Kennwort":"[redacted]","d":{"kennwort":"[redacted]"}}`,
		`"Password"`: `"Password"`,
		`7`:          `7`,
		``:           ``,
		`{}`:         `{}`,
	} {
		got := string(redact.Body([]byte(body), false))
		if got != want || body != "" && !json.Valid([]byte(got)) {
			t.Errorf("%s\n got %s\nwant %s", body, got, want)
		}
	}
}

// In a token request a field that is misspelt is secret too.
func TestBodyOfTokenRequest(t *testing.T) {
	for body, want := range map[string]string{
		` {"User":"x","Password":"geheim","Role":2}`:       ` {"User":"x","Password":"[redacted]","Role":2}`,
		`{"Pasword":"geheim","HMAC":"geheim","user":"x"}`:  `{"Pasword":"[redacted]","HMAC":"[redacted]","user":"[redacted]"}`,
		`{"User":{"Nonce":1,"x":"geheim"},"Product":[64]}`: `{"User":{"Nonce":1,"x":"[redacted]"},"Product":[64]}`,
		`{"":"geheim"}`: `{"":"[redacted]"}`,
		`"geheim"`:      "[8 bytes that are no JSON object]",
		`["geheim"]`:    "[10 bytes that are no JSON object]",
		`{}{"x":1}`:     "[9 bytes that are no JSON object]",
		``:              ``,
	} {
		if got := string(redact.Body([]byte(body), true)); got != want {
			t.Errorf("%s\n got %s\nwant %s", body, got, want)
		}
	}
}

func TestBodyThatIsNoJSON(t *testing.T) {
	const text = `{"User":"x","Password":"geheim`
	if got := string(redact.Body([]byte(text), true)); got != "[30 bytes that are no JSON object]" {
		t.Errorf("%q", got)
	}
	if got := string(redact.Body([]byte("user=x&Password=ge heim&a=b"), false)); got != "user=x&Password=[redacted]&a=b" {
		t.Errorf("%q", got)
	}
	if got := string(redact.Body([]byte(`{"a":"b","Password": "ge\"heim`), false)); got != `{"a":"b","Password": "[redacted]"` {
		t.Errorf("%q", got)
	}
	if got := string(redact.Body([]byte(`{"password":12,"token":"geheim","a":"b`), false)); got != `{"password":"[redacted]","token":"[redacted]","a":"b` {
		t.Errorf("%q", got)
	}
	if got := string(redact.Body([]byte("Sehr geehrte Frau Müller,\na=b"), false)); got != "Sehr geehrte Frau Müller,\na=b" {
		t.Errorf("%q", got)
	}
}

const token = "eyJhbGciOiJIUzUxMiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"

func TestTokensAreNamed(t *testing.T) {
	name := "[token " + redact.Fingerprint(token) + "]"
	if got := redact.Text("/a/" + token + "/b?x=" + token); got != "/a/"+name+"/b?x="+name {
		t.Errorf("%q", got)
	}
	h := http.Header{"Authorization": {"Bearer " + token, "Basic eDp5", "Bearer geheim"}, "X": {token, "y"},
		"Cookie": {"s=geheim"}, "Proxy-Authorization": {"Basic eDp5"}}
	want := http.Header{"Authorization": {"Bearer " + name, "[redacted]", "Bearer [token " + redact.Fingerprint("geheim") + "]"},
		"X": {name, "y"}, "Cookie": {"[redacted]"}, "Proxy-Authorization": {"[redacted]"}}
	if got := redact.Header(h); !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v", got)
	}
	if h.Get("Authorization") != "Bearer "+token {
		t.Error("the header itself was changed")
	}
	q := redact.Query(url.Values{"Password": {"geheim"}, "x": {token}, "y": {"z"}})
	if q.Get("Password") != "[redacted]" || q.Get("x") != name || q.Get("y") != "z" {
		t.Errorf("%v", q)
	}
	if got := string(redact.Body([]byte(`{"a":"`+token+`"}`), false)); strings.Contains(got, "eyJ") {
		t.Errorf("%q", got)
	}
}

// Whatever a body is, what is left of JSON is JSON, and nothing secret is left.
func FuzzBody(f *testing.F) {
	f.Add(`{"Password":"geheim","a":[{"password":{"b":1}}]}`)
	f.Add(`[[],{"token":[{}]}]`)
	f.Fuzz(func(t *testing.T, body string) {
		got := redact.Body([]byte(body), false)
		if !json.Valid([]byte(body)) {
			return
		}
		var v any
		if err := json.Unmarshal(got, &v); err != nil {
			t.Fatalf("%q became %q", body, got)
		}
		var look func(any)
		look = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for name, value := range v {
					if strings.EqualFold(name, "password") && value != "[redacted]" {
						t.Fatalf("%q became %q", body, got)
					}
					look(value)
				}
			case []any:
				for _, value := range v {
					look(value)
				}
			}
		}
		look(v)
	})
}

func TestHeader(t *testing.T) {
	for name, value := range map[string]string{
		"Authorization": "bearer geheim", "Proxy-Authorization": "Bearer geheim", "Cookie": "a=geheim",
		"Password": "geheim", "X-Api-Key": "geheim", "Hmac512signature": "geheim",
	} {
		h := http.Header{name: {"Basic geheim", value}, "X-Other": {"password"}}
		got := redact.Header(h)
		if strings.Contains(strings.Join(got[name], " "), "geheim") || got.Get("X-Other") != "password" || h[name][1] != value {
			t.Errorf("%s: %s becomes %q, and what was given %q", name, value, got, h)
		}
	}
}
