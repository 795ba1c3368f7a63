package redact_test

import (
	"io"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

// BenchmarkHide is an error page of 20 KB without the token in it; read=by-hand is the
// floor, to read it at all.
func BenchmarkHide(b *testing.B) {
	token := "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + strings.Repeat("eyJzdWIiOiIxMjM0NTY3ODkwIn0", 30) + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	const line = `<tr style="width: 100%"><td class="e">Zugriff&nbsp;verweigert &ndash; <a href="/x?a=1&amp;b=2">mehr</a></td></tr>` + "\n"
	page := strings.Repeat(line, 20<<10/len(line))
	b.Run("read=by-hand", func(b *testing.B) {
		for b.Loop() {
			_, _ = io.ReadAll(strings.NewReader(page))
		}
	})
	b.Run("read=hidden", func(b *testing.B) {
		for b.Loop() {
			body, _ := io.ReadAll(strings.NewReader(page))
			_ = redact.NewToken(token).Hide(string(body))
		}
	})
	for name, text := range map[string]string{"backslashes": strings.Repeat(`\`, 256<<10), "escapes": strings.Repeat(`\u0061`, 50<<10), "amp": strings.Repeat(`&a;`, 50<<10)} {
		b.Run("hostile="+name, func(b *testing.B) {
			for b.Loop() {
				_ = redact.NewToken(token).Hide(text)
			}
		})
	}
}
