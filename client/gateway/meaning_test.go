package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/gateway"
)

// What the vendor says in German is told in English too, whatever the status, and changes
// nothing else: not the kind of the failure, and not what the vendor said.
func TestMeaningOfVendorsSentences(t *testing.T) {
	for sentence, want := range map[string]string{
		"Falscher Name oder falsches Kennwort":            "password",
		"Benutzer / Kennwort ungültig":                    "password",
		"Benutzer / Kennwort ung\xfcltig":                 "password",
		"Benutzername oder Kennwort sind falsch.":         "password",
		"Das Produkt ist nicht freigeschaltet":            "enabled",
		"Der Mitarbeiter wurde nicht für freigeschaltet.": "enabled",
		"Die Kanzlei 'Müller' ist nicht registriert":      "registered",
		"Die Datenbank ist nicht angemeldet.":             "connected",
		"Die Datenbank ist nicht erreichbar.":             "",
	} {
		for status, kind := range map[int]gateway.Kind{401: gateway.Refused, 403: gateway.Refused, 500: gateway.Outage, 503: gateway.Outage, 200: gateway.Malformed} {
			for _, form := range []string{"%s", `{"status":1,"message":"%s"}`} {
				g := open(t, stubbed(t, answer(status, fmt.Sprintf(form, sentence))))
				_, err := g.Fetch(context.Background())
				var e *gateway.TokenError
				if !errors.As(err, &e) || e.Kind != kind {
					t.Fatalf("%d %s: %v; want %v", status, sentence, err, kind)
				}
				text := strings.Replace(err.Error(), e.Detail, "", 1)
				for _, word := range []string{"password", "enabled", "registered", "connected"} {
					if strings.Contains(text, word) != (word == want) {
						t.Errorf("%d %s: %q; want it to hold %q and no other", status, sentence, text, want)
					}
				}
			}
		}
	}
}

// As little of a body is searched for them as of any error's.
func TestMeaningIsSearchedWithinBounds(t *testing.T) {
	for at, found := range map[int]bool{0: true, 4 << 10: true, 16 << 10: false, 900 << 10: false} {
		body := strings.Repeat(" ", at) + `{"message":"falsches kennwort"}`
		_, err := open(t, stubbed(t, answer(200, body))).Fetch(context.Background())
		if err == nil || strings.Contains(err.Error(), "wrong user") != found {
			t.Errorf("at %d: %v; found %v is wanted", at, err, found)
		}
	}
}
