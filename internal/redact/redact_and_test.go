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

// Of secrets that overlap, or of which one begins with another, nothing is shown, in whatever order
// they are looked for.
func TestSecretsThatOverlap(t *testing.T) {
	for _, c := range []struct {
		text, want string
		secrets    []string
	}{
		{"geheim2026!", "[redacted]!", []string{"geheim", "geheim2026"}},
		{"my geheim2026", "[redacted]", []string{"geheim", "my geheim2026"}},
		{"abcdefghijkl", "[redacted]", []string{"abcdefgh", "efghijkl"}},
		{"abcd%65fghij\\u006bl", "[redacted]", []string{"abcdefgh", "efghijkl"}},
		{"abcdefghijklmnop.", "[redacted].", []string{"abcdefgh", "ijklmnop", "ghij"}},
	} {
		first, second := redact.New(""), redact.New("")
		for i, s := range c.secrets {
			first, second = first.And(redact.New(s)), second.And(redact.New(c.secrets[len(c.secrets)-1-i]))
		}
		for _, s := range []*redact.Secret{first, second} {
			if got := s.Hide(c.text); got != c.want {
				t.Errorf("%q: got %q, want %q", c.text, got, c.want)
			}
		}
		if got := redact.Excerpt([]byte(c.text), true, c.secrets...); got != c.want {
			t.Errorf("Excerpt of %q: got %q, want %q", c.text, got, c.want)
		}
	}
}
