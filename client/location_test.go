package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// Nothing of a request within the origin goes along when a redirect leaves it: not the
// query that the redirect before had, not the path, not the token.
func TestNothingLeavesWithARedirect(t *testing.T) {
	const token = "tok-1+/="
	for name, first := range map[string]string{
		"query":     "/y?access_token=" + url.QueryEscape(token),
		"raw query": "/y?access_token=" + token,
		"path":      "/" + url.PathEscape(token) + "/y",
		"other":     "/y?session=swordfish",
		"fragment":  "/y?session=swordfish#" + token,
		"absolute":  apiBase + "y?session=swordfish",
	} {
		var sent []*http.Request
		tr := &client.Transport{Source: newSource(t, token), Origin: parse(t, apiBase), Logger: new(logs).logger(),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				sent = append(sent, req)
				switch len(sent) {
				case 1:
					return answer(req, 302, "", "Location: "+first), nil
				case 2:
					return answer(req, 302, "", "Location: https://evil.test/z"), nil
				}
				return answer(req, 200, ""), nil
			})}
		resp, err := (&http.Client{Transport: tr}).Get(apiBase + "x?mine=swordfish")
		if err := closed(resp, err); err != nil || len(sent) != 3 {
			t.Fatalf("%s: %v, %d requests", name, err, len(sent))
		}
		if name != "other" && name != "fragment" && name != "absolute" {
			if uri := sent[1].URL.RequestURI(); !strings.Contains(uri, url.QueryEscape(token)) && !strings.Contains(uri, url.PathEscape(token)) {
				t.Errorf("%s: the redirect was followed to %s, without what it said", name, uri)
			}
		}
		out := sent[2]
		if shown := fmt.Sprint(out.URL, out.Header); strings.Contains(shown, "swordfish") || strings.Contains(shown, "tok-1") || out.Header.Get("Referer") != "" {
			t.Errorf("%s: left with %s", name, shown)
		}
	}
}

// What a caller writes that looks like a token which was hidden is sent as it is.
func TestMarkOfTheCallers(t *testing.T) {
	for _, target := range []string{"x?q=[redacted]", "[redacted]/y"} {
		var sent string
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			sent = req.URL.String()
			return answer(req, 200, ""), nil
		})
		if err := closed(c.HTTPClient().Get(apiBase + target)); err != nil || strings.Contains(sent, "tok-1") || !strings.Contains(sent, "redacted") {
			t.Errorf("%s: sent %s, %v", target, sent, err)
		}
	}
}

// A Referer of the caller's own that is not of the origin goes where it will.
func TestOtherRefererStays(t *testing.T) {
	for referer, want := range map[string]string{
		"https://elsewhere.test/a?b": "https://elsewhere.test/a?b", apiBase + "x?q=1": "", "HTTPS://API.test:90/x": "", "/x?y": "", "https://%zz": "",
	} {
		var got string
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			got = req.Header.Get("Referer")
			return answer(req, 200, ""), nil
		})
		req, _ := http.NewRequest("GET", "https://elsewhere.test/", nil)
		req.Header.Set("Referer", referer)
		req.Header.Set("Authorization", "mine") // which has the header copied
		if err := closed(c.HTTPClient().Do(req)); err != nil || got != want {
			t.Errorf("%s: sent %q, %v", referer, got, err)
		}
		if req.Header.Get("Referer") != referer {
			t.Error("the caller's header was changed")
		}
	}
}

// The target of a redirect may have the token in it, which http.Client would repeat in
// its errors, to CheckRedirect and in Response.Request.
func TestRedirectTargetsDoNotShowTheToken(t *testing.T) {
	const token = "tok-1+/="
	ends := map[string]func(req *http.Request) (*http.Response, error){
		"error":     func(*http.Request) (*http.Response, error) { return nil, io.ErrNoProgress },
		"no answer": func(*http.Request) (*http.Response, error) { return nil, nil },
		"elsewhere": func(req *http.Request) (*http.Response, error) {
			return answer(req, 302, "", "Location: https://evil.test/?t="+token), nil
		},
		"host": func(req *http.Request) (*http.Response, error) {
			return answer(req, 302, "", "Location: https://"+token+".evil.test/"), nil
		},
		"nowhere": func(req *http.Request) (*http.Response, error) {
			return answer(req, 302, "", "Location: http://[::1/"+token), nil
		},
		"status": func(req *http.Request) (*http.Response, error) { return answer(req, 500, token), nil },
		"loop": func(req *http.Request) (*http.Response, error) {
			return answer(req, 302, "", "Location: "+req.URL.String()), nil
		},
		"not JSON": func(req *http.Request) (*http.Response, error) {
			return answer(req, 200, "<"+token, "Content-Type: "+token), nil
		},
	}
	for name, end := range ends {
		for _, first := range []string{"/y?access_token=" + url.QueryEscape(token), "/" + url.PathEscape(token), "/y?t=" + token + "&u=1"} {
			for how, send := range map[string]func(*client.Client) (*http.Response, error){
				"HTTPClient": func(c *client.Client) (*http.Response, error) { return c.HTTPClient().Get(apiBase) },
				"Do": func(c *client.Client) (*http.Response, error) {
					req, _ := http.NewRequest("GET", apiBase, nil)
					return c.Do(req)
				},
				"Call": func(c *client.Client) (*http.Response, error) {
					_, err := c.Call(t.Context(), client.Request{})
					return nil, err
				},
			} {
				logged := new(logs)
				n := 0
				c, err := client.New(client.Config{BaseURL: apiBase, Source: newSource(t, token), Logger: logged.logger(),
					Base: roundTrip(func(req *http.Request) (*http.Response, error) {
						if n++; n == 1 {
							return answer(req, 302, "", "Location: "+first), nil
						}
						return end(req)
					})})
				if err != nil {
					t.Fatal(err)
				}
				resp, err := send(c)
				shown := logged.String() + fmt.Sprintf("%v %+v %#v", err, err, err)
				var ue *url.Error
				if errors.As(err, &ue) {
					shown += ue.URL
				}
				if resp != nil {
					shown += resp.Request.URL.String() + resp.Request.Header.Get("Referer")
					_ = resp.Body.Close()
				} else if err == nil {
					t.Errorf("%s, %s: no error", name, how)
				}
				if i := strings.Index(shown, "tok-1"); i >= 0 {
					t.Errorf("%s, %s, %s: shown …%.60s", name, how, first, shown[max(0, i-30):])
				}
				_ = c.Close()
			}
		}
	}
}

// The target of a redirect that is no URL is not shown: it may have any secret in it.
func TestRedirectToWhatIsNoURL(t *testing.T) {
	for _, location := range []string{
		"http://<swordfish>:pw@x", "http://user:swordfish@[::1", "/x?session=swordfish\x7f", "/%zz/swordfish", "swordfish:// x", "http://x:swordfish/",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
				return answer(req, status, "", "Location: "+location), nil
			})
			_, call := client.Get[any](t.Context(), c, "/x", nil)
			resp, get := c.HTTPClient().Get(apiBase + "x")
			for how, err := range map[string]error{"Call": call, "HTTPClient": closed(resp, get)} {
				if err == nil || strings.Contains(err.Error(), "swordfish") || !strings.Contains(err.Error(), "Location") {
					t.Errorf("%s, %d to %q: %v", how, status, location, err)
				}
			}
		}
	}
}

// The Location of what was made is the caller's to have, with whatever it says, and only that of a
// redirect, or of another server, is not. An answer may have a Location that is empty, or none.
func TestLocationOfAnAnswer(t *testing.T) {
	const token = "tok-1"
	for status, hidden := range map[int]bool{201: false, 299: false, 300: true, 302: true, 399: true, 400: false} {
		tr := &client.Transport{Source: newSource(t, token), Origin: parse(t, "https://api.test"), Logger: new(logs).logger(),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				resp := answer(req, status, "", "Location: /made/"+token)
				switch req.URL.Path {
				case "/other":
					resp.Header.Set("Location", "https://other.test/"+token)
				case "/bad":
					resp.Header.Set("Location", "http://[::1/swordfish")
				}
				if strings.HasSuffix(req.URL.Path, "/none") {
					resp.Header["Location"] = nil
				}
				return resp, nil
			})}
		for path, want := range map[string]bool{"/a": true, "/none": false, "/other": true, "/bad": true} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "https://api.test"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			got := resp.Header.Get("Location")
			if path == "/bad" && strings.Contains(got, "swordfish") == hidden {
				t.Errorf("%d: %q", status, got)
			}
			if path != "/bad" && ((got != "") != want || want && strings.Contains(got, token) == (hidden || path == "/other")) {
				t.Errorf("%d, %s: %q", status, path, got)
			}
		}
	}
}

// The target of a redirect that had the token in it has that of the next attempt again, in a Call too.
func TestTokenInTheTargetOfACall(t *testing.T) {
	var second string
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if req.Response == nil {
			return answer(req, 307, "", "Location: /b?session=tok-1"), nil
		}
		second = req.URL.RequestURI()
		return answer(req, 200, "{}"), nil
	})
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil || second != "/b?session=tok-1" {
		t.Errorf("%v; sent to %q", err, second)
	}
}

// A Location that leads nowhere, and is not followed, is shown as it came.
func TestLocationOfAnErrorThatIsNoURL(t *testing.T) {
	const location = "http://[nowhere"
	for _, status := range []int{200, 404, 503} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			return answer(req, status, "", "Location: "+location), nil
		})
		resp, err := c.HTTPClient().Get(apiBase + "a")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Location"); got != location {
			t.Errorf("%d: Location is %q", status, got)
		}
	}
}

// An answer with several Locations keeps them all: what passes it on may want to know.
func TestSeveralLocationsOfAnAnswer(t *testing.T) {
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Logger: new(logs).logger(),
		Base: roundTrip(func(req *http.Request) (*http.Response, error) {
			return answer(req, 302, "", "Location: /a", "Location: /b"), nil
		})}
	req, err := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err := closed(resp, err); err != nil || len(resp.Header.Values("Location")) != 2 {
		t.Errorf("%v, %v", resp, err)
	}
}
