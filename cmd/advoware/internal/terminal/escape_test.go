package terminal_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

func escaped(t *testing.T, isJSON bool, text string) string {
	t.Helper()
	var out bytes.Buffer
	e := terminal.NewEscaper(&out)
	e.JSON = isJSON
	if _, err := io.Copy(e, iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	if err := e.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEscaper(t *testing.T) {
	for text, want := range map[string]string{
		"Größe 😀 \t\n":           "Größe 😀 \t\n",
		"\x1b[2J\x07\x00\x7f":    `\u001b[2J\u0007\u0000\u007f`,
		"\u009b31m\u202etxt":     `\u009b31m\u202etxt`,
		"\xff\xe4r":              `\xff\xe4r`,
		"\xe2\x82":               `\xe2\x82`,
		"a\r\nb\rc\r":            "a\r\nb" + `\u000dc\x0d`,
		"\U000e0041\u200b\u00a0": `\udb40\udc41\u200b` + "\u00a0",
	} {
		if got := escaped(t, false, text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := terminal.Escape("a\x1b\xff"); got != `a\u001b\xff` {
		t.Errorf("%q", got)
	}
}

// Within JSON the value stays the same.
func TestEscapesAreThoseOfJSON(t *testing.T) {
	const text = "{\"a\":\r\"\u009b\u202e\U000e0041\x7fü\"}\r"
	got := escaped(t, true, text)
	var was, is map[string]string
	if err := json.Unmarshal([]byte(text), &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &is); err != nil || was["a"] != is["a"] {
		t.Errorf("%q became %q, %v", text, got, err)
	}
	if strings.ContainsAny(got, "\u009b\u202e\x7f\r") {
		t.Errorf("%q drives a terminal", got)
	}
}

func TestWhatIsNoTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, stream := range []any{f, new(bytes.Buffer), nil} {
		if terminal.Is(stream) || terminal.Colour(stream, os.Getenv) || terminal.Width(stream) != 80 {
			t.Errorf("%T is taken for a terminal", stream)
		}
	}
}
