package redact_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

func TestSeveralSecrets(t *testing.T) {
	s := redact.NewToken("first-token").And(redact.NewToken("second-token")).And(redact.NewToken("third-token"))
	for text, want := range map[string]string{
		"first-token, second-token, third-token": "[redacted], [redacted], [redacted]",
		"third%2Dtoken":                          "[redacted]",
		"none":                                   "none",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if s.In(text) != (want != text) {
			t.Errorf("%s: In says %v", text, s.In(text))
		}
	}
	if got := s.HideCut("x second-tok"); got != "x [redacted]" {
		t.Errorf("cut: got %s", got)
	}
}
