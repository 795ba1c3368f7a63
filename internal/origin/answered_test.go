package origin_test

import (
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

func TestAnswered(t *testing.T) {
	for _, resp := range []*http.Response{nil, {}, {Request: &http.Request{}}} {
		if u := origin.Answered(resp); u != nil {
			t.Errorf("%+v: %v", resp, u)
		}
	}
	for raw, want := range map[string]string{
		"https://host/path?q": "https://host/path?q",
		"http://host/":        "http://host/",
		"ws://host:90/path":   "http://host:90/path",
		"wss://host/path":     "https://host/path",
	} {
		asked := parse(t, raw)
		got := origin.Answered(&http.Response{Request: &http.Request{URL: asked}})
		if got == nil || got.String() != want {
			t.Errorf("%s: %v, want %s", raw, got, want)
		}
		if got == asked || asked.String() != raw {
			t.Errorf("%s: the URL of the request is handed out, or changed: %v", raw, asked)
		}
	}
}

func TestSamePlace(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"https://host/a", "https://host/a"}:       true,
		{"https://host/a", "https://HOST:443/a//"}: true,
		{"https://host", "https://host/"}:          true,
		{"http://host:80/", "http://host"}:         true, // it is compared, not sent to
		{"https://host/a", "https://host/b"}:       false,
		{"https://host/a", "https://other/a"}:      false,
		{"https://host/a", "http://host/a"}:        false,
		{"https://host/a", "https://host:444/a"}:   false,
		{"https://host/a", "no URL"}:               false,
		{"no URL", "https://host/a"}:               false,
		{"no URL", "no URL"}:                       false,
	} {
		if got := origin.SamePlace(pair[0], pair[1]); got != want {
			t.Errorf("%q: %t", pair, got)
		}
	}
}
