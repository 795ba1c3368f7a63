package client_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
)

// patience is far more than what hiding the token in a megabyte takes, and far less
// than it took when each backslash was looked at once for each one before it.
const patience = 30 * time.Second

// Whatever a server writes into its answer, to look for the token there costs time in
// proportion to its length.
func TestHidingIsLinear(t *testing.T) {
	much := 256 << 10
	if underRace {
		much /= 4 // for time
	}
	long := strings.Repeat("ab+/", 4<<10)
	for _, token := range []string{"+abc", long, strings.Repeat("a", 16<<10-1) + "b"} {
		for _, unit := range []string{`\`, `\u`, "%25", "&", "&amp;", "&#", token[:len(token)-1]} {
			c := answering(t, token, func(req *http.Request) *http.Response {
				text := strings.Repeat(unit, much/len(unit))
				return answer(req, 500, text, "X-Header: "+text, "Location: "+text, "X-Request-Id: "+text)
			})
			began := time.Now()
			_, err := c.Call(t.Context(), client.Request{Endpoint: "/x"})
			if took := time.Since(began); took > patience {
				t.Errorf("%.5s…, much of %.5q: %v", token, unit, took)
			}
			var api *client.APIError
			if !errors.As(err, &api) || api.Status != 500 {
				t.Errorf("%.5s…, much of %.5q: %.100v", token, unit, err)
			}
		}
	}
}

// A header may have the token in its name, and is shown by errors.
func TestHeaderNamesDoNotShowTheToken(t *testing.T) {
	const token = "abc-Def.123~x"
	c := answering(t, token, func(req *http.Request) *http.Response {
		resp := answer(req, 500, "")
		resp.Header[token] = []string{"1"}
		resp.Header["X-"+strings.ToLower(token[:1])+token[1:]] = []string{"2"}
		return resp
	})
	_, err := c.Call(t.Context(), client.Request{Endpoint: "/x"})
	var api *client.APIError
	if !errors.As(err, &api) {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v", err, api.Header); strings.Contains(shown, token) || !strings.Contains(shown, "[redacted]") {
		t.Errorf("shown: %s", shown)
	}
}

// A dump of the request has the token in an encoding.
func TestDumpsDoNotShowTheToken(t *testing.T) {
	const token = "abc-Def.123~x_0123456789"
	for name, dump := range map[string]string{
		"hex":    fmt.Sprintf("%X", "Authorization: Bearer "+token+"\r\n"),
		"base64": base64.StdEncoding.EncodeToString([]byte("Authorization: Bearer " + token + "\r\n")),
	} {
		c := answering(t, token, func(req *http.Request) *http.Response {
			return answer(req, 500, `{"request":"`+dump+`"}`, "X-Request: "+dump)
		})
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/x"})
		var api *client.APIError
		if !errors.As(err, &api) {
			t.Fatal(err)
		}
		if shown := fmt.Sprintf("%v %s %v", err, api.Body, api.Header); strings.Contains(shown, dump[len(dump)/2:]) || strings.Count(shown, "[redacted]") < 2 {
			t.Errorf("%s: shown: %s", name, shown)
		}
	}
}

// answering returns a Client with this token whose server is a function.
func answering(t *testing.T, token string, f func(*http.Request) *http.Response) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		BaseURL: "http://api.test", AllowInsecure: true, Source: newSource(t, token), Logger: slog.New(slog.DiscardHandler),
		Base: roundTrip(func(req *http.Request) (*http.Response, error) { return f(req), nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
