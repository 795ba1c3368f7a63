package reason_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/reason"
)

var all = []reason.Reason{
	reason.Unknown, reason.WrongCredentials, reason.NotEnabled, reason.NotRegistered,
	reason.NotConnected, reason.Clock, reason.Licence,
}

func TestReasonsAreToldApart(t *testing.T) {
	words, names := make(map[string]bool), make(map[string]bool)
	for _, r := range all {
		if words[r.Word()] || names[r.String()] || reason.Parse(r.Word()) != r {
			t.Errorf("%v: word %q", r, r.Word())
		}
		words[r.Word()], names[r.String()] = true, true
		if (r.Word() == "") != (r == reason.Unknown) || (r.Advice() == "") != (r == reason.Unknown) {
			t.Errorf("%v: word %q, advice %q", r, r.Word(), r.Advice())
		}
		for _, other := range all {
			if errors.Is(fmt.Errorf("outer: %w", r), other) != (r == other) {
				t.Errorf("errors.Is(%v, %v)", r, other)
			}
		}
		if !strings.HasPrefix(r.Error(), "reason: ") {
			t.Errorf("error %q", r.Error())
		}
	}
	for _, word := range []string{"unknown", "Not-Connected", "not-connected ", strings.Repeat("x", 1000)} {
		if r := reason.Parse(word); r != reason.Unknown {
			t.Errorf("%.20q is %v", word, r)
		}
	}
}

// Each text has the word that programs look for, and none of the others'.
func TestTextHasItsWord(t *testing.T) {
	want := map[reason.Reason]string{
		reason.WrongCredentials: "password", reason.NotEnabled: "enabled",
		reason.NotRegistered: "registered", reason.NotConnected: "connected",
	}
	for _, r := range all {
		for _, word := range want {
			if text := r.String() + ": " + r.Advice(); strings.Contains(text, word) != (word == want[r]) {
				t.Errorf("%q, want %q in it and no other", text, want[r])
			}
		}
	}
}

func TestNumberThatIsNoReason(t *testing.T) {
	if r := reason.Reason(200); r.String() != reason.Unknown.String() || r.Word() != "" || r.Advice() != "" {
		t.Errorf("got %v", r)
	}
}
