package settings_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/doctor/internal/settings"
)

// Whoever sets a variable of Redis wants one, also if it says the default. Those that nobody
// reads do not count.
func TestNamesRedis(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"ADVOWARE_USER=x": false, "REDIS_HOST=": false, "REDIS_SERVICE_HOST=10.0.0.1": false,
		"REDIS_HOST=localhost": true, "REDIS_URL=redis://localhost": true, "REDIS_TLS=true": true,
	} {
		if got := settings.Read([]string{line}, advoware.StoreTiered).NamesRedis(); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
	if none := (*settings.Environment)(nil); !none.NamesRedis() {
		t.Error("a configuration of the program's own names what it names")
	}
}
