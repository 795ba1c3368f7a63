package strict_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// values are one of each kind.
type values struct {
	Text   string
	Number int
	Flag   bool
	Wait   time.Duration
	Header http.Header
	List   []string
	Map    map[string]string
	Inner  string
}

func (v *values) members() strict.Members {
	return strict.Members{
		"text": &v.Text, "number": &v.Number, "flag": &v.Flag, "wait": &v.Wait, "header": &v.Header, "list": &v.List, "map": &v.Map,
		"inner": func(text json.RawMessage) error {
			return strict.Within(strict.Members{"text": &v.Inner}.Decode(text, "inner."))
		},
	}
}

func TestDecode(t *testing.T) {
	var got values
	err := got.members().Decode([]byte(` {"text":"ä","number":-3,"flag":true,"wait":0.25,"header":{"x-a":"b","C":["d","e"]},
		"list":["f"],"map":{"g":"h"},"inner":{"text":"i"}} `), "")
	want := values{"ä", -3, true, 250 * time.Millisecond, http.Header{"X-A": {"b"}, "C": {"d", "e"}}, []string{"f"}, map[string]string{"g": "h"}, "i"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	for text, want := range map[string]time.Duration{`0`: 0, `"55m"`: 55 * time.Minute, `-1.5`: -1500 * time.Millisecond, `1e-9`: 1, `86400000`: 24000 * time.Hour} {
		if err := (&values{}).members().Decode([]byte(`{"wait":`+text+`}`), ""); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _ = got.members().Decode([]byte(`{"wait":`+text+`}`), ""); got.Wait != want {
			t.Errorf("%s is %v; want %v", text, got.Wait, want)
		}
	}
}

// An error says where it is, once.
func TestErrorsNameTheMember(t *testing.T) {
	for text, want := range map[string]string{
		`{"Text":""}`:                      "Text is not known: the members are flag, header, inner, list, map, number, text, wait",
		`{"a b":""}`:                       `"a b" is not known: the members are flag, header, inner, list, map, number, text, wait`,
		`{"number":"1"}`:                   "number must be a whole number",
		`{"text":"","text":""}`:            "text is there twice",
		`{"inner":{"x":1}}`:                "inner.x is not known: the members are text",
		`{"inner":{"text":1}}`:             "inner.text must be text",
		`{"inner":1}`:                      "inner must be one object in JSON",
		`{"list":[1]}`:                     "list must be an array of texts",
		`{"map":{"a":null},"flag":"true"}`: "map must be an object of texts",
		`{"flag":"true"}`:                  "flag must be true or false",
		`{"list":["a",null]}`:              "list must be an array of texts",
		`{"header":{"A":[null]}}`:          `header has something else than text in "A"`,
		``:                                 "the body is not JSON",
		`[]`:                               "the body must be one object in JSON",
		`{}{}`:                             "the body must be one object in JSON, and is broken",
	} {
		if err := new(values).members().Decode([]byte(text), ""); err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
}

// FuzzDecode: what is taken is an object of known members, and encoding/json reads the
// same from it.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{}`, `{"text":"a"}`, `{"text":"a","number":1e0}`, `{"TEXT":""}`, `{"text":"\ud800"}`, "{\"text\":\"\xff\"}", `{"text":1,"text":"a"}`, `null`, `{"number":0}x`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got struct {
			Text   string
			Number int
		}
		if err := (strict.Members{"text": &got.Text, "number": &got.Number}).Decode([]byte(text), ""); err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 500 {
				t.Errorf("%q", err)
			}
			return
		}
		want := got
		want.Text, want.Number = "", 0
		var all map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil || json.Unmarshal([]byte(text), &all) != nil || want != got {
			t.Errorf("%q is %+v; want %+v, %v", text, got, want, err)
		}
		for name := range all {
			if name != "text" && name != "number" {
				t.Errorf("%q has %q", text, name)
			}
		}
	})
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]string{
		"a=b&n=3": "", "": "", "n=x": "n must be a whole number from 0 on", "n=-1": "n must be a whole number from 0 on", "A=b": "A is not known: the parameters are a, n",
		"a=b&a=b": "a is there twice", "%zz": "the query cannot be read", "a=b;n=3": "the query cannot be read",
	} {
		var a string
		var n int
		err := strict.Query(httptest.NewRequest("GET", "/?"+query, nil), strict.Members{"a": &a, "n": &n})
		if got := ""; err != nil && err.Error() != want || err == nil && want != got {
			t.Errorf("%s: %v; want %q", query, err, want)
		}
	}
}
