package redact_test

import (
	"errors"
	"fmt"
	"net/textproto"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

func TestErrorKeepsWhatDoesNotShowTheSecret(t *testing.T) {
	s, cause := redact.NewToken("abc+def"), errors.New("no such host")
	if wrapped := fmt.Errorf("dialling: %w", cause); s.Error(wrapped) != wrapped {
		t.Error("an error without the secret was replaced")
	}
	shows := fmt.Errorf("malformed answer \"abc%%2Bdef\": %w", cause)
	hidden := s.Error(shows)
	if got, want := hidden.Error(), `malformed answer "[redacted]": no such host`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if errors.Is(hidden, cause) {
		t.Error("what is behind an error that shows the secret can be reached")
	}
}

func TestUnquoted(t *testing.T) {
	whole := errors.New("connection reset")
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"nothing quoted": {whole, "connection reset"},
		"quoted":         {errors.New(`net/http: malformed response "tok-1"`), "net/http: malformed response"},
		"cut before":     {errors.New(`bad status: "tok-1" and "tok-2"`), "bad status"},
		"a header":       {fmt.Errorf("reading: %w", textproto.ProtocolError("malformed MIME header line: tok-1")), "malformed answer: a header that is none"},
	} {
		if got := redact.Unquoted(tt.err); got.Error() != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	if redact.Unquoted(whole) != whole {
		t.Error("an error without a quote was replaced")
	}
}
