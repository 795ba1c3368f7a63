package doctor

import (
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/doctor/internal/check"
)

// String is the report for a person to read: a line for each check, by groups.
func (r Report) String() string {
	var b strings.Builder
	group := ""
	for _, c := range r.Checks {
		if c.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = c.Group
			b.WriteString(group + "\n")
		}
		fmt.Fprintf(&b, "  %-7s  %s\n", c.Status, line(c))
	}
	b.WriteString("\n" + r.summary() + "\n")
	return b.String()
}

// line is a check without its group and its status.
func line(c Check) string {
	text := c.Name + ": " + c.Saw
	if c.Want != "" {
		text += " | wanted: " + c.Want
	}
	if c.Hint != "" {
		text += " | to do: " + c.Hint
	}
	return text
}

// summary counts the checks.
func (r Report) summary() string {
	var parts []string
	for _, s := range []Status{Failure, Warning, OK, Skipped} {
		n, word := r.count(s), string(s)
		if n != 1 && (s == Failure || s == Warning) {
			word += "s"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	return strings.Join(parts, ", ")
}

// maxShort is how many checks the short form has.
const maxShort = 20

// Short is the report for a chat: what is not as it should be, and nothing else.
func (r Report) Short() string {
	var b strings.Builder
	word := "ok"
	if !r.OK {
		word = "not ok"
	}
	fmt.Fprintf(&b, "advoware doctor: %s (%s)\n", word, r.summary())
	shown := 0
	for _, s := range []Status{Failure, Warning, Skipped} {
		for _, c := range r.Checks {
			if c.Status != s || s == Skipped && c.Saw != check.Interrupted {
				continue
			}
			if shown++; shown <= maxShort {
				fmt.Fprintf(&b, "%s: %s: %s\n", c.Status, c.Group, line(c))
			}
		}
	}
	if shown > maxShort {
		fmt.Fprintf(&b, "and %d more\n", shown-maxShort)
	}
	return b.String()
}
