package settings_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/doctor/internal/settings"
)

// The list has exactly what is read, as the command's list has, which is held to the same: a
// variable that is new belongs into both.
func TestVariablesAreWhole(t *testing.T) {
	var asked []string
	_, _ = advoware.ReadEnv(func(name string) string {
		if !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
		return ""
	}, advoware.StoreTiered)
	slices.Sort(asked)
	if diff := cmp.Diff(asked, settings.Variables); diff != "" {
		t.Error(diff)
	}
}
