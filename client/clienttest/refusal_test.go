package clienttest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// parts are what programs in use look for, and whether trying again can help.
var parts = map[clienttest.Refusal]struct {
	part  string
	again bool
}{
	clienttest.WrongPassword:         {"Falscher Name oder falsches Kennwort", false},
	clienttest.InvalidPassword:       {"Benutzer / Kennwort ung", false},
	clienttest.NotEnabled:            {"freigeschaltet", true},
	clienttest.EmployeeNotEnabled:    {"freigeschaltet", true},
	clienttest.NotRegistered:         {"ist nicht registriert", true},
	clienttest.DatabaseNotRegistered: {"ist nicht registriert", true},
	clienttest.NotConnected:          {"ist nicht angemeldet", true},
	clienttest.DatabaseNotConnected:  {"ist nicht angemeldet", true},
}

func TestRefusalHoldsThePart(t *testing.T) {
	if len(clienttest.Refusals()) != len(parts) {
		t.Errorf("%q", clienttest.Refusals())
	}
	for _, refusal := range clienttest.Refusals() {
		for _, other := range clienttest.Refusals() {
			same := parts[other].part == parts[refusal].part
			if strings.Contains(refusal.Sentence(), parts[other].part) != same {
				t.Errorf("%q has the part of %s: %v", refusal.Sentence(), other, !same)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for refusal, want := range parts {
		for _, on := range []clienttest.Target{clienttest.TokenEndpoint, clienttest.API} {
			for _, status := range []int{0, 200, 400, 403, 500} {
				for _, latin1 := range []bool{false, true} {
					s.Inject(clienttest.Fault{On: on, Refusal: refusal, Status: status, Latin1: latin1})
					var r reply
					if on == clienttest.API {
						r = call(t, s, token, "GET", "/employees", "")
					} else {
						r = askToken(t, s, "{}")
					}
					if status == 0 {
						status = refusal.Status()
					}
					r.wants(t, status)
					sentence, retry := refusal.Sentence(), ""
					if latin1 {
						sentence = strings.ReplaceAll(sentence, "ü", "\xfc")
					}
					if want.again {
						retry = "70"
					}
					if !strings.Contains(r.text, sentence) || r.Header.Get("Retry-After") != retry {
						t.Errorf("%s, Latin-1 %v: Retry-After %q, %q", refusal, latin1, r.Header.Get("Retry-After"), r.text)
					}
					if said := strings.Contains(r.Header.Get("Content-Type"), "utf-8"); said == latin1 {
						t.Errorf("Content-Type %q, Latin-1 %v", r.Header.Get("Content-Type"), latin1)
					}
				}
			}
		}
	}
}

func TestRefusalInOtherWords(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	s.Inject(clienttest.Fault{Refusal: "Der Notbetrieb läuft ab", Header: http.Header{"Retry-After": nil}})
	r := askToken(t, s, "{}")
	r.blames(t, 401, "")
	if r.json["message"] != "Der Notbetrieb läuft ab" || r.Header.Get("Retry-After") != "" {
		t.Errorf("%v %s", r.Header, r.text)
	}
	s.Inject(clienttest.Fault{Status: 403, Body: "<p>" + clienttest.InvalidPassword.Sentence() + " – €", Latin1: true})
	if r := askToken(t, s, "{}"); r.text != "<p>Benutzer / Kennwort ung\xfcltig ? ?" {
		t.Errorf("%q", r.text)
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Latin1: true}) // of the ordinary answer
	if r := call(t, s, s.Issue(), "GET", "/employees/2", ""); !strings.Contains(r.text, "Sch\xe4fer") {
		t.Errorf("%q", r.text)
	}
}
