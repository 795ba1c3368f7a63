package trial

import (
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
)

func position(m *mutate.Mutant) string { return fmt.Sprintf(":%d:%d", m.Line, m.Col) }

// firstLine returns the first line that says something.
func firstLine(err error) string {
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, "# ") {
			return line
		}
	}
	return ""
}
