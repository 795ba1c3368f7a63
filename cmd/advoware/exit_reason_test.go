package main_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// Each reason is one line that names the kind, says what it means and whom to ask, and has
// the vendor's sentence in it; also in the second command, which is told by the first one.
func TestEachReasonIsOneLineThatSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		sentence, kind, word, advice string
	}{
		{"Falscher Name oder falsches Kennwort", "token request refused", "password", "the administrator of the office sets them"},
		{"Das Produkt ist nicht freigeschaltet", "token request refused", "enabled", "ask the vendor"},
		{"Die Datenbank ist nicht registriert", "token request refused", "registered", "check both names"},
		{"Die Kanzlei ist nicht angemeldet", "gateway down", "connected", "ask the office"},
	} {
		for _, status := range []int{200, 401, 500, 503} {
			fake := clienttest.Start(t, clienttest.Options{})
			fake.Inject(clienttest.Fault{Status: status, Body: fmt.Sprintf(`{"message":%q}`, c.sentence), Times: -1})
			vars := append(fake.Env(), redisAt(redistest.Start(t))...)
			for _, args := range [][]string{{"call", "GET", "/employees"}, {"token"}, {"call", "GET", "/employees"}} {
				got := run(t, vars, args...)
				got.wantFailure(t, 1, c.kind, c.word, c.advice, c.sentence, "next attempt after")
				if !strings.HasPrefix(got.err, "advoware: "+c.kind+": ") || strings.Count(got.err, "\n") != 1 || got.out != "" {
					t.Errorf("%d %q: %q", status, args, got.err)
				}
				for _, word := range []string{"password", "enabled", "registered", "connected"} {
					if strings.Contains(got.err, word) != (word == c.word) {
						t.Errorf("%d %q: %q; want %q in it and no other", status, args, got.err, c.word)
					}
				}
			}
			if n := fake.Counts().TokenRequests; n != 1 {
				t.Errorf("%d %s: %d token requests", status, c.sentence, n)
			}
		}
	}
}

// The API says so too, and that is a failed call.
func TestReasonOfTheAPIIsInTheLine(t *testing.T) {
	for _, status := range []int{401, 403, 503} {
		fake := clienttest.Start(t, clienttest.Options{})
		fake.Inject(clienttest.Fault{On: clienttest.API, Status: status, Body: `{"message":"Die Kanzlei ist nicht angemeldet"}`, Times: -1})
		got := run(t, fake.Env(), "call", "--store", "memory", "GET", "/employees")
		got.wantFailure(t, 1, fmt.Sprintf("API status %d", status), "not connected", "ask the office", "Die Kanzlei ist nicht angemeldet")
		if n := fake.Counts(); n.TokenRequests != 1 || n.APICalls != 1 || strings.Count(got.err, "\n") != 1 {
			t.Errorf("%d: %d token requests, %d calls: %q", status, n.TokenRequests, n.APICalls, got.err)
		}
	}
}
