package settings_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/cmd/advoware/internal/settings"
)

func TestTextShowsWhatATerminalWouldActOn(t *testing.T) {
	from := office("ADVOWARE_DATABASE=DB\x1b[2J")
	from.Getenv = func(get func(string) string) func(string) string {
		return func(name string) string {
			if name == "ADVOWARE_DATABASE" {
				return "DB\x1b[2J"
			}
			return get(name)
		}
	}(from.Getenv)
	r, _ := settings.Read(from, advoware.StoreTiered)
	text := string(r.Text())
	if strings.Contains(text, "\x1b") || !strings.Contains(text, `"DB\x1b[2J"`) {
		t.Errorf("%q", text)
	}
	if !strings.Contains(text, "ADVOWARE_PASSWORD") || !strings.Contains(text, "(set)") || !strings.Contains(text, "(none)") {
		t.Error(text)
	}
}
