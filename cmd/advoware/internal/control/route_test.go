package control_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// try makes a call on any goroutine.
func try(method, url string, body ...string) (text string, status int, err error) {
	req, err := http.NewRequest(method, url, strings.NewReader(strings.Join(body, "")))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return string(all), resp.StatusCode, err
}

func TestMethodsAndPaths(t *testing.T) {
	_, base := start(t)
	for _, path := range []string{"nothing", "faults/", "faults/1/x", "faults/1/wait/2", "page.html", "index.html", "page/page.js", "counts/"} {
		call(t, "GET", base+path, "").wantProblem(t, 404, "docs/sandbox.md")
	}
	for path, allowed := range map[string]string{
		"": "GET, HEAD", "counts": "GET, HEAD", "faults": "DELETE, GET, HEAD, POST", "faults/1": "DELETE, GET, HEAD", "faults/1/wait": "GET, HEAD",
		"tokens": "POST", "tokens/revoke": "POST", "options": "GET, HEAD, PATCH", "discovery": "GET, HEAD, PUT", "requests/follow": "GET, HEAD",
		"connectors/move": "POST",
	} {
		for _, method := range []string{"TRACE", "PROPFIND", "OPTIONS"} {
			got := call(t, method, base+path, "")
			got.wantProblem(t, 405, "method")
			if got.header.Get("Allow") != allowed {
				t.Errorf("%s %s: Allow %q; want %q", method, path, got.header.Get("Allow"), allowed)
			}
		}
	}
	for _, path := range []string{"faults/1", "faults/x", "faults/-1", "faults/99999999999999999999", "observers/1", "observers/1/wait"} {
		call(t, "GET", base+path, "").wantProblem(t, 404, "id")
	}
	if got := call(t, "HEAD", base+"counts", ""); got.status != 200 || got.text != "" {
		t.Errorf("HEAD: %d %q", got.status, got.text)
	}
}
