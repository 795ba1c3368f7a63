package leaktest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/leaktest"
)

// awkward has everything that some encoding treats in a way of its own.
const awkward = `pä"ss\wo'rd <&> 100% +/=?#@: ß€😀` + "\t\n."

// TestFind: what writes a string writes it in one of the forms.
func TestFind(t *testing.T) {
	for name, secret := range map[string]string{
		"plain":     "swordfish-and-more",
		"awkward":   awkward,
		"quotes":    `"""""""""`,
		"backslash": `\\server\share\`,
		"umlauts":   "ÄÖÜäöüß",
		"control":   "ü\x1f<ring\a>",
		"brackets":  "[][]{}[]",
		"any bytes": "a\x00b\xff\xfec\x80defgh",
	} {
		for how, text := range written(secret) {
			if !utf8.ValidString(secret) && slices.Contains(lossy, how) {
				continue
			}
			if _, ok := leaktest.Find(text, "nowhere to be found", secret); !ok {
				t.Errorf("%s: %s: not found in %s", name, how, text)
			}
			if form, ok := leaktest.Find(text, "nowhere to be found"); ok {
				t.Errorf("%s: %s: found %q in %s", name, how, form, text)
			}
		}
	}
}

// lossy writers replace what is no UTF-8.
var lossy = []string{"json", "json without HTML escapes", "xml", "slog json", "body in a log", "body in a JSON log"}

// TestFindShort: little of it in base64 would be coincidence, all of it is not.
func TestFindShort(t *testing.T) {
	const secret, text = "pin-1", "code=cGluLTE="
	if _, ok := leaktest.Find(text, secret); !ok {
		t.Errorf("not found in %s", text)
	}
}

// written returns texts in which secret stands, by who wrote them.
func written(secret string) map[string]string {
	basic, _ := http.NewRequest("GET", "http://127.0.0.1", nil)
	basic.SetBasicAuth("user", secret)
	out := map[string]string{
		"alone":                     secret,
		"in a sentence":             "the password " + secret + " is wrong",
		"in upper case":             strings.ToUpper(fmt.Sprintf("%x", secret)),
		"basic auth":                basic.Header.Get("Authorization"),
		"form":                      url.Values{"password": {secret}}.Encode(),
		"path":                      (&url.URL{Scheme: "http", Host: "h", Path: "/a/" + secret}).JoinPath("b").EscapedPath(),
		"path segment":              url.PathEscape(secret),
		"user info":                 (&url.URL{Scheme: "http", Host: "h", User: url.UserPassword("user", secret)}).String(),
		"url error":                 (&url.Error{Op: "Get", URL: "http://h/?q=" + url.QueryEscape(secret), Err: http.ErrNoLocation}).Error(),
		"json":                      marshalled(map[string]string{"password": secret}),
		"json without HTML escapes": plainJSON(secret),
		"json bytes":                marshalled(map[string][]byte{"password": []byte(secret)}),
		"xml":                       encodedXML(secret),
		"slog text":                 logged(secret, false),
		"slog json":                 logged(secret, true),
		"body in a log":             logged(marshalled(map[string]string{"password": secret}), false),
		"body in a JSON log":        logged(plainJSON(secret), true),
		"quoted twice":              fmt.Sprintf("%q", fmt.Sprintf("%+q", secret)),
		"base64 in a line":          base64.StdEncoding.EncodeToString([]byte("AUTH user:" + secret + "\r\n")),
		"base64 for URLs":           base64.URLEncoding.EncodeToString([]byte("user:" + secret + " and more")),
	}
	for _, format := range []string{"%v", "%q", "%+q", "%#q", "%x", "% x", "%#x", "% #X", "%#v"} {
		out[format] = fmt.Sprintf(format, secret)
		out[format+" of an error"] = fmt.Sprintf(format, fmt.Errorf("login with %s failed", secret))
		out[format+" of bytes"] = fmt.Sprintf(format, []byte(secret))
	}
	for _, format := range []string{"%b", "%c", "%d", "%o", "%O", "%#o", "%U"} {
		out[format+" of bytes"] = fmt.Sprintf(format, []byte(secret))
	}
	return out
}

func marshalled(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func plainJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}

func encodedXML(v any) string {
	data, err := xml.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func logged(v any, js bool) string {
	var b bytes.Buffer
	var h slog.Handler = slog.NewTextHandler(&b, nil)
	if js {
		h = slog.NewJSONHandler(&b, nil)
	}
	slog.New(h).Info("m", "attr", v)
	return b.String()
}

func TestFormsAreDifferent(t *testing.T) {
	for _, secret := range []string{"swordfish", awkward} {
		forms := slices.Sorted(slices.Values(leaktest.Forms(secret)))
		if len(slices.Compact(slices.Clone(forms))) != len(forms) {
			t.Errorf("%q: a form is there twice: %q", secret, forms)
		}
		if !slices.Contains(forms, secret) || slices.Contains(forms, "") {
			t.Errorf("%q: %q; want it plain, and no empty form", secret, forms)
		}
	}
}

// TestEmptySecret: a test that looks for nothing must not pass.
func TestEmptySecret(t *testing.T) {
	for name, f := range map[string]func(){
		"Forms":             func() { leaktest.Forms("") },
		"Find":              func() { leaktest.Find("text", "") },
		"Find without any":  func() { leaktest.Find("text") },
		"Leaks":             func() { leaktest.Leaks("text", "") },
		"Check without any": func() { leaktest.Check(t, "text", "text") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
