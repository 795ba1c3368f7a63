package advoware_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
)

// Without its variables Open says which are missing, and returns no client.
func TestOpenNamesWhatIsMissing(t *testing.T) {
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "ADVOWARE_") || strings.HasPrefix(name, "REDIS_") {
			t.Setenv(name, "")
		}
	}
	c, err := advoware.Open()
	if bad := new(advoware.EnvError); c != nil || !errors.As(err, &bad) || !strings.Contains(err.Error(), "ADVOWARE_KANZLEI") {
		t.Errorf("got %v, %v", c, err)
	}
}
