package history_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/internal/history"
	"github.com/advoware-go/advoware/store/lease"
)

func TestNoteLease(t *testing.T) {
	for holder, want := range map[string]string{
		"": "", "self": "self", "host-1:42": "host-1:42", strings.Repeat("x", 64): strings.Repeat("x", 64),
		strings.Repeat("x", 65): "another process", "a b": "another process", "a\nb": "another process", "ü": "another process",
	} {
		var h history.History
		if h.NoteLease(holder); h.Lease != want {
			t.Errorf("%q: %q, want %q", holder, h.Lease, want)
		}
	}
}

func TestNoteFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h history.History
		next := time.Now().Add(time.Minute)
		h.NoteFailure(lease.Failure{Refused: true, Reason: "password", Message: "secret"}, next)
		if want := (status.Failure{At: time.Now(), Refused: true, Reason: "password", NextAttempt: next}); *h.Failure != want {
			t.Errorf("%+v, want %+v", h.Failure, want)
		}
	})
}
