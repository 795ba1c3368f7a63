package redact_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/redact"
)

func TestHeader(t *testing.T) {
	from := http.Header{"X-Echo": {"abc+def", "abc%2Bdef", "other"}, "X-abc+def": {"1"}}
	before := from.Clone()
	got := redact.NewToken("abc+def").Header(from)
	want := http.Header{"X-Echo": {"[redacted]", "[redacted]", "other"}, "X-[redacted]": {"1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, from); diff != "" {
		t.Errorf("the header itself was changed: %s", diff)
	}
	harmless := http.Header{"A": {"1", "2"}, "B": nil}
	if got := redact.NewToken("abc+def").Header(harmless); !maps.EqualFunc(got, harmless, slices.Equal[[]string]) {
		t.Errorf("got %v, want it as it was", got)
	} else if got.Set("A", "3"); harmless.Get("A") != "1" {
		t.Error("the header is not a copy")
	}
	if got := testing.AllocsPerRun(10, func() { redact.NewToken("abc+def").Header(harmless) }); got > 3 { // the Secret, and a map
		t.Errorf("%g allocations for a header with nothing to hide", got)
	}
}

// What Hide takes out of the target of a redirect, Restore puts back, however net/url
// writes the mark.
func TestRestore(t *testing.T) {
	const secret = "abc+d/e=f"
	s := redact.NewToken(secret)
	for name, target := range map[string]string{
		"query":   "https://api.test/x?access_token=" + url.QueryEscape(secret) + "&a=1",
		"path":    "https://api.test/" + url.PathEscape(secret) + "/x",
		"both":    "https://api.test/" + url.PathEscape(secret) + "?t=" + url.QueryEscape(secret),
		"neither": "https://api.test/a%2Fb?c=d",
	} {
		hidden, err := url.Parse(s.Hide(target))
		if err != nil {
			t.Fatal(err)
		}
		before := *hidden
		if marked := redact.Marked(hidden); marked != (name != "neither") {
			t.Errorf("%s: Marked is %t", name, marked)
		}
		if got := s.Restore(hidden).String(); got != target {
			t.Errorf("%s: got %s, want %s", name, got, target)
		}
		if *hidden != before {
			t.Errorf("%s: the URL itself was changed", name)
		}
	}
}
