package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/lease"
)

// said is a sentence of the vendor, as far as its part is known, with words around it.
type said struct{ Reason, Sentence string }

func sentences(t *testing.T) (all []said) {
	t.Helper()
	text, err := os.ReadFile("testdata/sentences.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// forms are bodies with a sentence in them.
var forms = map[string]func(string) string{
	"UTF-8":           func(s string) string { return s },
	"Latin-1":         latin1,
	"capitals":        strings.ToUpper,
	"over lines":      func(s string) string { return strings.ReplaceAll(s, " ", "\r\n") },
	"JSON":            func(s string) string { return `{"status":1,"message":"` + asJSON(s, false) + `"}` },
	"JSON in Latin-1": func(s string) string { return latin1(`{"status":1,"message":"` + asJSON(s, false) + `"}`) },
	"JSON, escaped":   func(s string) string { return `{"Message":"` + escaped(s, `\u%04X`, special) + `"}` },
	"JSON in JSON": func(s string) string {
		return `{"Message":"` + asJSON(`{"Message":"`+asJSON(s, true)+`"}`, true) + `"}`
	},
	"HTML": func(s string) string { return "<html><title>401</title><p>" + html.EscapeString(s) + "</p></html>" },
	"HTML entities": func(s string) string {
		return "<p>" + strings.NewReplacer("ü", "&uuml;", "ö", "&ouml;").Replace(html.EscapeString(s)) + "</p>"
	},
}

var kinds = map[int]gateway.Kind{
	200: gateway.Malformed, 201: gateway.Malformed, 302: gateway.Malformed, 400: gateway.Refused, 401: gateway.Refused, 403: gateway.Refused,
	404: gateway.Outage, 409: gateway.Outage, 429: gateway.Outage, 500: gateway.Outage, 502: gateway.Outage, 503: gateway.Outage,
}

// words are in the messages, each for its reason.
var words = map[reason.Reason]string{
	reason.WrongCredentials: "password", reason.NotEnabled: "enabled",
	reason.NotRegistered: "registered", reason.NotConnected: "connected", reason.Licence: "licence",
}

// The vendor's sentence decides in place of the status, in whatever form it comes: a
// password that is refused with 500 is refused, an office whose server is off is an outage.
func TestReasonByTheVendorsSentence(t *testing.T) {
	for _, s := range sentences(t) {
		why := reason.Parse(s.Reason)
		for status, kind := range kinds {
			switch why {
			case reason.WrongCredentials, reason.NotEnabled, reason.NotRegistered:
				kind = gateway.Refused
			case reason.NotConnected:
				kind = gateway.Outage
			}
			for name, form := range forms {
				e := failed(t, open(t, stubbed(t, answer(status, form(s.Sentence)))), kind)
				if e.Reason != why || e.Status != status || !errors.Is(fmt.Errorf("outer: %w", e), why) {
					t.Errorf("%d %s %s: %v is %v", status, name, s.Sentence, e, e.Reason)
				}
				text := strings.Replace(e.Error(), e.Detail, "", 1)
				for r, word := range words {
					if strings.Contains(text, word) != (r == why) {
						t.Errorf("%d %s %s: %q; want it to hold %q and no other", status, name, s.Sentence, text, words[why])
					}
				}
				if why != reason.Unknown && (status == 200 || status >= 400) && e.Detail == "" {
					t.Errorf("%d %s: %v does not say what the vendor said", status, name, e)
				}
			}
		}
	}
}

func TestEachReasonIsFound(t *testing.T) {
	all := map[error]reason.Reason{
		gateway.ErrWrongCredentials: reason.WrongCredentials, gateway.ErrNotEnabled: reason.NotEnabled,
		gateway.ErrNotRegistered: reason.NotRegistered, gateway.ErrNotConnected: reason.NotConnected,
		gateway.ErrClock: reason.Clock, gateway.ErrLicence: reason.Licence,
	}
	for sentinel, why := range all {
		here := fmt.Errorf("outer: %w", &gateway.TokenError{Reason: why})
		there := gateway.Errors{}.Sentinel(gateway.Errors{}.Classify(here))
		for name, err := range map[string]error{"here": here, "in another process": there} {
			for other, r := range all {
				if errors.Is(err, other) != (r == why) || errors.Is(err, r) != (r == why) {
					t.Errorf("%v %s matches %v", why, name, other)
				}
			}
			if got, ok := errors.AsType[reason.Reason](err); !ok || got != why {
				t.Errorf("%v %s is %v", why, name, got)
			}
			if !errors.Is(err, gateway.ErrOutage) || errors.Is(err, gateway.ErrRefused) || !errors.Is(there, sentinel) {
				t.Errorf("%v %s: %v", why, name, err)
			}
		}
	}
	for _, f := range []lease.Failure{{}, {Reason: "of-a-later-release"}, {Reason: "\x00"}, {Shared: true}} {
		if err := (gateway.Errors{}).Sentinel(f); err != gateway.ErrOutage {
			t.Errorf("%+v: %v", f, err)
		}
		if f.Refused = true; (gateway.Errors{}).Sentinel(f) != gateway.ErrRefused {
			t.Errorf("%+v is no refusal", f)
		}
	}
}

// An office that is not connected is left alone for 70 s, or as long as the gateway says,
// and all who have the same credentials are told. Other failures are as they were.
func TestHowLongEachReasonWantsToBeLeftAlone(t *testing.T) {
	for _, tt := range []struct {
		sentence, header string
		want             lease.Failure
	}{
		{"Die Kanzlei ist nicht angemeldet", "", lease.Failure{Shared: true, Reason: "not-connected", Pause: 70 * time.Second}},
		{"Die Kanzlei ist nicht angemeldet", "soon", lease.Failure{Shared: true, Reason: "not-connected", Pause: 70 * time.Second}},
		{"Die Kanzlei ist nicht angemeldet", "7", lease.Failure{Shared: true, Reason: "not-connected", Pause: 7 * time.Second}},
		{"Die Kanzlei ist nicht registriert", "", lease.Failure{Refused: true, Reason: "not-registered"}},
		{"nicht freigeschaltet", "120", lease.Failure{Refused: true, Reason: "not-enabled", Pause: 2 * time.Minute}},
		{"falsches Kennwort", "", lease.Failure{Refused: true, Reason: "wrong-credentials"}},
	} {
		for _, status := range []int{200, 401, 503} {
			_, err := open(t, stubbed(t, answer(status, tt.sentence, "Retry-After: "+tt.header))).Fetch(t.Context())
			if got := (gateway.Errors{}).Classify(err); got != tt.want {
				t.Errorf("%d %s: %+v, want %+v", status, tt.sentence, got, tt.want)
			}
		}
	}
}

// What the answer repeats of the request does not decide: a Kanzlei may have any name.
func TestReasonIsNotAnEcho(t *testing.T) {
	for _, name := range []string{"Ist nicht registriert", "Für ist nicht angemeldet", "Freigeschaltet GmbH", `falsches "Kennwort"`} {
		for field, set := range map[string]func(*gateway.Config){
			"App":      func(c *gateway.Config) { c.App = name },
			"Kanzlei":  func(c *gateway.Config) { c.Kanzlei = name },
			"Database": func(c *gateway.Config) { c.Database = name },
			"User":     func(c *gateway.Config) { c.User = name },
			"Password": func(c *gateway.Config) { c.Password = secret.New(name) },
		} {
			for form, body := range forms {
				cfg := stubbed(t, answer(500, body("Unbekannt: "+name)))
				set(&cfg)
				if e := failed(t, open(t, cfg), gateway.Outage); e.Reason != reason.Unknown {
					t.Errorf("%s %q, %s: %v", field, name, form, e)
				}
			}
		}
	}
}

// As little of a body is searched as of any error's.
func TestReasonIsSearchedWithinBounds(t *testing.T) {
	for at, found := range map[int]bool{0: true, 4 << 10: true, 16 << 10: false, 900 << 10: false} {
		body := strings.Repeat(" ", at) + `{"message":"falsches kennwort"}`
		_, err := open(t, stubbed(t, answer(200, body))).Fetch(t.Context())
		if err == nil || errors.Is(err, reason.WrongCredentials) != found {
			t.Errorf("at %d: %v; found %v is wanted", at, err, found)
		}
	}
}

// A token counts, whatever else the answer says.
func TestTokenCountsMoreThanASentence(t *testing.T) {
	fetch(t, open(t, stubbed(t, answer(200, `{"access_token":"tok-1","message":"Das Produkt ist nicht freigeschaltet"}`))))
}

// Whatever else is wrong with an answer of 200, the sentence counts, and a token is not looked
// for in vain.
func TestSentenceInPlaceOfAToken(t *testing.T) {
	const sentence = "Falscher Name oder falsches Kennwort"
	for name, body := range map[string]string{
		"as the token": `{"access_token":"` + sentence + `"}`,
		"empty token":  `{"access_token":"","error":"` + sentence + `"}`,
		"too long":     sentence + strings.Repeat(" ", 2<<20),
		"no JSON":      sentence,
	} {
		e := failed(t, open(t, stubbed(t, answer(200, body))), gateway.Refused)
		if e.Reason != reason.WrongCredentials || strings.Contains(e.Error(), "check the token URL") {
			t.Errorf("%s: %v", name, e)
		}
	}
}

// A good status with a sentence in it may hold a token under another name.
func TestGoodStatusShowsNoToken(t *testing.T) {
	for field, hidden := range map[string]string{"value": "eyJhbGciOiJIUzI1NiJ9.e30", "accessToken": "short-1", "JWT": "short-2"} {
		for _, status := range []int{200, 201, 203} {
			e := failed(t, open(t, stubbed(t, answer(status, `{"`+field+`":"`+hidden+`","message":"Die Kanzlei ist nicht angemeldet"}`))), gateway.Outage)
			if strings.Contains(fmt.Sprintf("%+v", e), hidden[:7]) || e.Reason != reason.NotConnected {
				t.Errorf("%d: %v", status, e)
			}
		}
	}
}

// An answer that breaks off after the sentence has said it.
func TestSentenceBeforeTheAnswerBreaksOff(t *testing.T) {
	for _, status := range slices.Sorted(maps.Keys(kinds)) {
		g := open(t, stubbed(t, func(*http.Request) (*http.Response, error) {
			return response(status, io.MultiReader(strings.NewReader(`{"message":"Falscher Name oder falsches Kennwort`), broken{})), nil
		}))
		if e := failed(t, g, gateway.Refused); e.Reason != reason.WrongCredentials {
			t.Errorf("%d: %v", status, e)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Some servers have the sentence in the status line, and nothing in the body.
func TestSentenceInTheStatusLine(t *testing.T) {
	for _, tt := range []struct {
		status int
		line   string
		reason reason.Reason
		kind   gateway.Kind
	}{
		{500, "500 Benutzer / Kennwort ung\xfcltig", reason.WrongCredentials, gateway.Refused},
		{401, "401 Die Kanzlei ist nicht angemeldet", reason.NotConnected, gateway.Outage},
		{200, "200 Die Kanzlei ist nicht angemeldet", reason.NotConnected, gateway.Outage},
		{401, "401 Unauthorized", reason.Unknown, gateway.Refused},
	} {
		_, err := open(t, stubbed(t, func(*http.Request) (*http.Response, error) {
			resp := response(tt.status, strings.NewReader(""))
			resp.Status = tt.line
			return resp, nil
		})).Fetch(t.Context())
		if e, ok := errors.AsType[*gateway.TokenError](err); !ok || e.Reason != tt.reason || e.Kind != tt.kind {
			t.Errorf("%s: %v", tt.line, err)
		}
	}
}
