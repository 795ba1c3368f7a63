package suggest_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/suggest"
)

func TestClosest(t *testing.T) {
	words := []string{"call", "token", "sandbox", "version", "help", "--store", "--stats", "--header", "-q"}
	for word, want := range map[string]string{
		"tokne": "token", "TOKEN": "token", "tokens": "token", "clal": "call", "sanbox": "sandbox", "sandboxes": "sandbox",
		"--stroe": "--store", "--headers": "--header", "--stat": "--stats", "-x": "", "--x": "",
		"fetch": "", "": "", "GET": "", "--verbose": "", strings.Repeat("a", 1<<20): "",
	} {
		if got := suggest.Closest(word, words); got != want {
			t.Errorf("%.20q: %q, want %q", word, got, want)
		}
	}
}
