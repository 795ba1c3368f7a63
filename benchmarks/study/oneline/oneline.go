// Package oneline writes an error on one line, for a terminal, a list or a table.
//
// [Of] is safe for concurrent use. See ARCHITECTURE.md for what is measured here.
package oneline

import "strings"

// Of returns the text of err on one line. Several errors, which errors.Join puts on a
// line each, have "; " between them.
func Of(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
