package settings_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/settings"
)

// What the manual says of defaults, and the order, is that of .env.example.
func TestTableIsTheExample(t *testing.T) {
	text, err := os.ReadFile("../../../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			if i := slices.IndexFunc(settings.Table, func(v settings.Variable) bool { return v.Name == name }); value == "" && i >= 0 && !strings.Contains(settings.Table[i].Help(), "Required") {
				value = "none"
			}
			want = append(want, name+" "+value)
		}
	}
	for _, v := range settings.Table {
		help := strings.TrimSuffix(v.Help(), " Secret.")
		if strings.HasPrefix(help, "Required") {
			help = ""
		}
		got = append(got, v.Name+" "+strings.TrimSuffix(strings.TrimPrefix(help, "Default: "), "."))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
