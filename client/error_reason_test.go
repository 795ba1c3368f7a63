package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
)

// vendorSays are the vendor's sentences, as far as their parts are known.
var vendorSays = map[reason.Reason]string{
	reason.WrongCredentials: "Falscher Name oder falsches Kennwort",
	reason.NotEnabled:       "Das Produkt ist für die Kanzlei nicht freigeschaltet",
	reason.NotRegistered:    "Die Kanzlei Müller ist nicht registriert",
	reason.NotConnected:     "Die Kanzlei Müller ist nicht angemeldet",
	reason.Unknown:          "Der Benutzer ist nicht angemeldet",
}

// An answer of the API says why, by the status and the sentence. Only a 401 whose sentence
// may be about the token costs one. The client waits for the sentence 100 ms, here of virtual
// time, like in the tests below.
func TestReasonOfTheAPI(t *testing.T) { synctest.Test(t, testReasonOfTheAPI) }

func testReasonOfTheAPI(t *testing.T) {
	for why, sentence := range vendorSays {
		for status, told := range map[int]bool{401: true, 403: true, 500: true, 502: true, 503: true, 400: false, 404: false, 409: false, 422: false} {
			for form, body := range map[string]string{
				"JSON": `{"status":1,"message":"` + sentence + `"}`, "text": sentence,
				"Latin-1": strings.ReplaceAll(sentence, "ü", "\xfc"), "HTML": "<p>" + strings.ReplaceAll(sentence, "ü", "&uuml;") + "</p>",
			} {
				w := start(t, setup{})
				w.warm(t)
				before, bearer := w.fake.Counts(), w.bearer()
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/bad", Status: status, Body: body, Times: -1})
				err := w.get(t.Context(), "/bad")
				api, ok := errors.AsType[*client.APIError](err)
				if !ok || api.Status != status {
					t.Fatalf("%d %s: %v", status, sentence, err)
				}
				want := why
				if !told {
					want = reason.Unknown
				}
				if api.Reason != want || !errors.Is(err, want) || errors.Is(err, gateway.ErrNotConnected) != (want == reason.NotConnected) {
					t.Errorf("%d %s, %s: %v, want %v", status, sentence, form, api.Reason, want)
				}
				if got, known := errors.AsType[reason.Reason](err); known != (want != reason.Unknown) || known && got != want {
					t.Errorf("%d %s, %s: found %v", status, sentence, form, got)
				}
				if text := err.Error(); want != reason.Unknown && (!strings.Contains(text, want.Advice()) || strings.Contains(text, "no other token")) {
					t.Errorf("%d %s, %s: %s", status, sentence, form, text)
				}
				n, replaced := w.since(before), status == 401 && (want == reason.WrongCredentials || want == reason.Unknown)
				if n.TokenRequests != count(replaced) || n.APICalls != 1+count(replaced) || (w.bearer() != bearer) != replaced {
					t.Errorf("%d %s, %s: %d token requests, %d calls, the token was replaced: %v", status, sentence, form, n.TokenRequests, n.APICalls, w.bearer() != bearer)
				}
			}
		}
	}
}

func count(one bool) int {
	if one {
		return 1
	}
	return 0
}

// What is asked for may be made of the vendor's words, and does not decide.
func TestReasonOfTheAPIIsNotAnEcho(t *testing.T) {
	for _, endpoint := range []string{
		"/Suche/ist nicht registriert", "/Suche?text=ist+nicht+angemeldet", "/Suche?text=ist%20nicht%20angemeldet&x=freigeschaltet",
		"/Suche?a=ist&b=nicht&c=angemeldet", "/Suche?text=%FCist nicht registriert",
	} {
		w := start(t, setup{})
		w.warm(t)
		before := w.fake.Counts()
		for _, echo := range []string{"ist nicht registriert", "ist nicht angemeldet", "freigeschaltet"} {
			if endpoint != "/Suche?text=ist%20nicht%20angemeldet&x=freigeschaltet" && echo == "freigeschaltet" ||
				strings.Contains(endpoint, "registriert") != strings.Contains(echo, "registriert") {
				continue
			}
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 403, Body: `{"message":"Kein Zugriff auf '` + echo + `'"}`})
			req := client.Request{Endpoint: strings.ReplaceAll(endpoint, " ", "%20")}
			_, err := w.Call(t.Context(), req)
			if api, ok := errors.AsType[*client.APIError](err); !ok || api.Reason != reason.Unknown {
				t.Errorf("%s: %v", endpoint, err)
			}
		}
		if n := w.since(before); n.TokenRequests != 0 {
			t.Errorf("%s: %d token requests", endpoint, n.TokenRequests)
		}
	}
}

// The body of a 401 that costs no token is the caller's as a whole, however long it is.
func TestAnswerThatSparesTheTokenIsWhole(t *testing.T) {
	synctest.Test(t, testAnswerThatSparesTheTokenIsWhole)
}

func testAnswerThatSparesTheTokenIsWhole(t *testing.T) {
	for _, size := range []int{0, 1 << 10, 64 << 10, 300 << 10} {
		body := `{"message":"Die Kanzlei ist nicht angemeldet"}` + strings.Repeat(" ", size) + "end"
		requests := 0
		c := stubbed(t, "http://api.test/", func(req *http.Request) (*http.Response, error) {
			requests++
			return answer(req, http.StatusUnauthorized, body), nil
		})
		req, err := c.NewRequest(t.Context(), http.MethodPost, "/bad", nil, map[string]int{"a": 1})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != body || err != nil || requests != 1 {
			t.Errorf("%d bytes of %d, %v, %d requests", len(got), len(body), err, requests)
		}
	}
}

// A 401 that was put to the test costs no token either, if the second one says so.
func TestReasonOfTheSecond401(t *testing.T) { synctest.Test(t, testReasonOfTheSecond401) }

func testReasonOfTheSecond401(t *testing.T) {
	for i, bodies := range [][]string{
		{"x", `Die Kanzlei ist nicht angemeldet`},
		{`Die Kanzlei ist nicht angemeldet`},
	} {
		requests := 0
		c := stubbed(t, "http://api.test/", func(req *http.Request) (*http.Response, error) {
			requests++
			return answer(req, http.StatusUnauthorized, bodies[min(requests, len(bodies))-1]), nil
		})
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/bad"})
		if !errors.Is(err, reason.NotConnected) || requests != len(bodies) {
			t.Errorf("%d: %v after %d requests", i, fmt.Sprint(err), requests)
		}
	}
}

// A 401 that may be about the token costs it, also if it uses the vendor's words for
// something else: to keep one that is refused would fail each call until its end.
func TestWordsOfTheVendorAboutTheToken(t *testing.T) {
	synctest.Test(t, testWordsOfTheVendorAboutTheToken)
}

func testWordsOfTheVendorAboutTheToken(t *testing.T) {
	for body, sparing := range map[string]bool{
		"Token ist nicht registriert": false, `{"error":"invalid_token","message":"Der Aufrufer ist nicht angemeldet"}`: false,
		"Das Token wurde für die Kanzlei noch nicht freigeschaltet": false, "Die Kanzlei ist nicht angemeldet": true,
	} {
		w := start(t, setup{})
		w.warm(t)
		before := w.fake.Counts()
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/bad", Status: 401, Body: body, Times: -1})
		err := w.get(t.Context(), "/bad")
		if n := w.since(before); !errors.Is(err, client.ErrUnauthorized) || n.TokenRequests != count(!sparing) {
			t.Errorf("%s: %d token requests, %v", body, n.TokenRequests, err)
		}
	}
}

// Some servers have the sentence in the status line.
func TestReasonInTheStatusLine(t *testing.T) {
	for status, want := range map[string]reason.Reason{
		"401 Die Kanzlei M\xfcller ist nicht angemeldet": reason.NotConnected, "401 Unauthorized": reason.Unknown,
	} {
		requests := 0
		c := stubbed(t, "http://api.test/", func(req *http.Request) (*http.Response, error) {
			requests++
			resp := answer(req, http.StatusUnauthorized, "")
			resp.Status = status
			return resp, nil
		})
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/x"})
		api, ok := errors.AsType[*client.APIError](err)
		if !ok || api.Reason != want || requests != 1+count(want == reason.Unknown) {
			t.Errorf("%s: %d requests, %v", status, requests, err)
		}
	}
}

// An error with a Reason is still none of another type.
func TestReasonIsNoOtherError(t *testing.T) {
	err := &client.APIError{Status: 401, Reason: reason.NotConnected}
	if errors.As(err, new(*client.CallError)) || !errors.As(err, new(reason.Reason)) || errors.As(&client.APIError{Status: 401}, new(reason.Reason)) {
		t.Errorf("%v matches something else, or not its reason", err)
	}
}
