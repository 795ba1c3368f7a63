package settings

import (
	"slices"
	"strings"
	"unicode"

	"github.com/advoware-go/advoware/doctor/internal/check"
)

// odd returns what is taken as it was meant, or counts as a part of a value, and is read in
// another way by others.
func odd(vars, bad map[string]string) []check.Check {
	var all []check.Check
	for _, name := range Variables {
		value := vars[name]
		if _, wrong := bad[name]; wrong || value == "" {
			continue
		}
		saw, hint := oddness(name, value)
		if saw != "" {
			all = append(all, check.Check{Group: Group, Name: name, Status: check.Warning, Saw: saw, Want: "the value and nothing around it", Hint: hint})
		}
	}
	return all
}

// oddness says what is odd about a value, and what to do. It shows nothing of it.
func oddness(name, value string) (saw, hint string) {
	text := strings.TrimRight(value, "\r\n")
	space := strings.TrimSpace(text) != text
	switch {
	case strings.HasPrefix(value, "\ufeff"):
		return "begins with a byte order mark, which is left out here", "save the .env file as UTF-8 without BOM"
	case strings.HasSuffix(value, "\r") || strings.HasSuffix(value, "\r\n"):
		return "ends with a carriage return, which is left out here and is a part of the value for other programs", "save the .env file with Unix line ends (LF): dos2unix .env"
	case text != value:
		return "ends with a line end, which is left out here and is a part of the value for other programs", "write it without one (printf, not echo, into a secret)"
	case quoted(strings.TrimSpace(text)):
		return "is in quotes, which are left out here and are a part of the value for other programs", "write it without them"
	case space && free[name]:
		return "begins or ends with a space, which is a part of it", "take the space out, unless it is meant"
	case space:
		return "begins or ends with a space, which is left out here", "take the space out"
	case strings.ContainsFunc(text, invisible):
		return "has a character in it that cannot be seen, as copying from a mail or a document brings", "type it anew"
	case strings.ContainsAny(text, "‘’“”„"):
		return "has quotes of a word processor in it", "take them out, unless they are meant"
	}
	return "", ""
}

// free are those that may hold any text.
var free = map[string]bool{
	"ADVOWARE_APP_ID": true, "ADVOWARE_KANZLEI": true, "ADVOWARE_DATABASE": true, "ADVOWARE_USER": true, "ADVOWARE_PASSWORD": true,
	"ADVOWARE_TOKEN_KEY": true, "REDIS_USERNAME": true, "REDIS_PASSWORD": true,
}

func quoted(v string) bool {
	return len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0]
}

// invisible reports whether a character shows as nothing, or as a space that is none.
func invisible(r rune) bool {
	return r != ' ' && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zs, r) || slices.Contains([]rune{'\t', 0x115f, 0x3164}, r))
}
