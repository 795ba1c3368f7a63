package secret_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/secret"
)

func TestString(t *testing.T) {
	for _, c := range []struct {
		name   string
		s      secret.String
		text   string
		isZero bool
	}{
		{"zero value", secret.String{}, "", true},
		{"empty", secret.New(""), "", true},
		{"a space", secret.New(" "), " ", false},
		{"text", secret.New("swordfish"), "swordfish", false},
		{"any bytes", secret.New("\x00\xffü\r\n"), "\x00\xffü\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.Reveal(); got != c.text {
				t.Errorf("Reveal: got %q, want %q", got, c.text)
			}
			if got := c.s.IsZero(); got != c.isZero {
				t.Errorf("IsZero: got %t, want %t", got, c.isZero)
			}
		})
	}
}

func TestEqualIsTheSameCopy(t *testing.T) {
	s := secret.New("swordfish")
	same := s
	if s != same {
		t.Error("a copy differs")
	}
	if s == secret.New("swordfish") {
		t.Error("== looks at the text")
	}
}

func TestStringIsOneWord(t *testing.T) {
	if got, want := unsafe.Sizeof(secret.String{}), unsafe.Sizeof(uintptr(0)); got != want {
		t.Errorf("got %d bytes, want %d", got, want)
	}
}

func TestStringPrintsNothing(t *testing.T) {
	const text = "swordfish and 23 more bytes"
	s := secret.New(text)
	leaktest.Check(t, "String", s, text)
	leaktest.Check(t, "embedded", embedded{s}, text)
	leaktest.Check(t, "embedded, unexported", embeddedUnexported{s}, text)
	leaktest.Check(t, "error", failure{s}, text)
	leaktest.Check(t, "wrapped error", fmt.Errorf("outer: %w", errors.Join(failure{s}, &failure{s})), text)
}

func TestRedacted(t *testing.T) {
	for name, s := range map[string]secret.String{"text": secret.New("swordfish"), "zero value": {}} {
		printed := leaktest.Prints(s)
		for _, how := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%99v", "Println", "Errorf", "slog text", "slog json", "json", "xml"} {
			if !strings.Contains(printed[how], "[redacted]") {
				t.Errorf("%s: %s prints %s", name, how, printed[how])
			}
		}
	}
}

// Embedding passes the methods of String on to the struct around it.
type (
	hidden             = secret.String
	embedded           struct{ secret.String }
	embeddedUnexported struct{ hidden }
)

// failure is an error that carries a secret and has a careless message.
type failure struct{ password secret.String }

func (f failure) Error() string {
	return fmt.Sprintf("login failed with %s (%+v)", f.password, struct{ p any }{f.password})
}
