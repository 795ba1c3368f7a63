//go:build linux

package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

// answering is an API that answers everything with one body.
func answering(t *testing.T, contentType, body string) (vars []string) {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(api.Close)
	fake := clienttest.Start(t, clienttest.Options{})
	return append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL)
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTerminalShowsPrettyJSON(t *testing.T) {
	const body = `{"z" : 1.0,  "a":"\u00fcber Größe 😀", "a":12345678901234567890, "b":[], "c":[true,{"d":null}]}`
	const pretty = `{
  "z": 1.0,
  "a": "\u00fcber Größe 😀",
  "a": 12345678901234567890,
  "b": [],
  "c": [
    true,
    {
      "d": null
    }
  ]
}
`
	vars := answering(t, "application/json", body)
	get := []string{"call", "GET", "/x", "--store", "memory"}
	got := runOnTerminal(t, vars, get...)
	got.wantQuiet(t)
	if diff := cmp.Diff(pretty, colours.ReplaceAllString(got.out, "")); diff != "" || !strings.Contains(got.out, "\x1b[") {
		t.Errorf("%q, -want +got:\n%s", got.out, diff)
	}
	for name, c := range map[string]struct {
		terminal bool
		env      []string
		args     []string
		want     string
	}{
		"NO_COLOR":            {true, []string{"NO_COLOR=1"}, nil, pretty},
		"TERM=dumb":           {true, []string{"TERM=dumb"}, nil, pretty},
		"raw on a terminal":   {true, nil, []string{"--raw"}, body + "\n"},
		"in a pipe":           {false, nil, nil, body + "\n"},
		"raw in a pipe":       {false, nil, []string{"--raw"}, body},
		"pretty in a pipe":    {false, nil, []string{"--pretty"}, pretty},
		"repeated":            {true, []string{"NO_COLOR=1"}, []string{"--repeat", "2"}, pretty},
		"repeated, in a pipe": {false, nil, []string{"--repeat", "2"}, body + "\n"},
	} {
		do := run
		if c.terminal {
			do = runOnTerminal
		}
		got := do(t, env(vars, c.env), append(get, c.args...)...)
		got.wantQuiet(t)
		if diff := cmp.Diff(c.want, got.out); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// What a server sends does not drive the terminal, and goes through a pipe as it is.
func TestAnswersDoNotDriveTheTerminal(t *testing.T) {
	const evil = "\u009b31m\u202e\x7f"
	body := `{"a":"` + evil + `"}`
	vars := answering(t, "application/json", body)
	get := []string{"call", "GET", "/x", "--store", "memory"}
	for _, args := range [][]string{get, append(get, "--raw"), append(get, "--pretty"), append(get, "-o", "-")} {
		got := runOnTerminal(t, append(vars, "NO_COLOR=1"), args...)
		got.wantQuiet(t)
		if strings.ContainsAny(got.out, evil[:len(evil)-1]+"\x1b") && !strings.Contains(got.out, `\u009b31m\u202e\u007f`) {
			t.Errorf("%q: %q", args, got.out)
		}
	}
	if got := run(t, vars, get...); got.out != body+"\n" {
		t.Errorf("%q in a pipe", got.out)
	}
	vars = answering(t, "text/plain", "\x1b[2J\rhidden\n")
	got := runOnTerminal(t, vars, append(get, "--raw", "-i")...)
	got.wantQuiet(t)
	if strings.Contains(got.out, "\x1b") || !strings.Contains(got.out, `\u001b[2J\u000dhidden`) || !strings.HasPrefix(got.out, "HTTP/1.1 200 OK\n") {
		t.Errorf("%q", got.out)
	}
	if got := run(t, vars, append(get, "--raw")...); got.out != "\x1b[2J\rhidden\n" {
		t.Errorf("%q in a pipe", got.out)
	}
}

func TestTerminalGetsNoBinaryAnswer(t *testing.T) {
	vars := answering(t, "application/pdf", "%PDF-1.7\n\xe2\xe3\x00\x1b[2J")
	for _, more := range [][]string{nil, {"--raw"}, {"-o", "-"}, {"--pretty"}} {
		got := runOnTerminal(t, vars, append([]string{"call", "GET", "/x", "--store", "memory"}, more...)...)
		got.wantFailure(t, 1, "application/pdf", "-o FILE")
	}
}

// JSON that is named as bytes can be shown, as it was sent too.
func TestTerminalShowsJSONOfAnyName(t *testing.T) {
	vars := answering(t, "application/octet-stream", `{"a":1}`)
	got := runOnTerminal(t, vars, "call", "GET", "/x", "--store", "memory", "--raw")
	got.wantQuiet(t)
	if got.out != "{\"a\":1}\n" {
		t.Errorf("%q", got.out)
	}
	vars = answering(t, "application/octet-stream", "\x1b[2J%PDF")
	runOnTerminal(t, vars, "call", "GET", "/x", "--store", "memory", "--raw").wantFailure(t, 1, "no text")
}
