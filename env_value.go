package advoware

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/number"
)

// What is read from the environment has often been through a file, an editor and a
// shell: there is a line end behind it, a byte order mark before it, or the quotes of
// another program's syntax around it. What can only be meant in one way is taken so,
// the rest is refused by name. The vendor would call it a wrong password, and lock the
// account in the end.

// raw returns a variable without the line ends behind it and a byte order mark.
func (e *env) raw(name string) string {
	return strings.TrimRight(strings.TrimPrefix(e.get(name), "\ufeff"), "\r\n")
}

// text returns a variable that may hold any text, such as a name or a password. Spaces
// belong to it.
func (e *env) text(name string) string {
	v := e.raw(name)
	switch {
	case !utf8.ValidString(v):
		e.problem(name, "is not valid UTF-8")
	case strings.ContainsFunc(v, isLineEnd):
		e.problem(name, "has a line end or a NUL in it")
	case v != unquoted(v):
		e.problem(name, "is in quotes, which would be a part of it: write it without them (not every program that reads .env files takes them away)")
	}
	return v
}

// word returns a variable that cannot begin or end with spaces or quotes, such as a
// number, a URL or a host.
func (e *env) word(name string) string {
	v := strings.TrimSpace(unquoted(strings.TrimSpace(e.raw(name))))
	if strings.ContainsFunc(v, isLineEnd) {
		e.problem(name, "has a line end or a NUL in it")
		return ""
	}
	return v
}

func isLineEnd(r rune) bool { return strings.ContainsRune("\x00\n\v\f\r\u0085\u2028\u2029", r) }

// unquoted returns what stands between quotes, or v if it is not in quotes.
func unquoted(v string) string {
	if n := len(v); n >= 2 && (v[0] == '"' || v[0] == '\'') && v[n-1] == v[0] {
		return v[1 : n-1]
	}
	return v
}

// shown quotes a value for a message, "" if it may be a secret in the wrong place.
func shown(v string) string {
	const longest = 32
	if len(v) > longest || strings.Contains(v, "@") {
		return ""
	}
	return strconv.Quote(v) + ", "
}

// number reads an identifier, which has a range.
func (e *env) number(name string, low, high int) int {
	v := e.word(name)
	if v == "" {
		return 0
	}
	n, ok := number.Parse(v)
	if !ok || n < int64(low) || n > int64(high) {
		e.problem(name, "is %snot a whole number from %d to %d", shown(v), low, high)
		return 0
	}
	return int(n)
}

func (e *env) boolean(name string) bool {
	v := e.word(name)
	switch strings.ToLower(v) {
	case "true", "t", "1", "yes", "y", "on":
		return true
	case "", "false", "f", "0", "no", "n", "off":
	default:
		e.problem(name, "is %sneither true nor false", shown(v))
	}
	return false
}

// duration reads a positive number of units; fractions are fine.
func (e *env) duration(name string, unit time.Duration, units string) time.Duration {
	v := e.word(name)
	if v == "" {
		return 0
	}
	d, ok := durationOf(v, unit)
	if !ok || d < time.Millisecond {
		e.problem(name, "is %snot a positive number of %s (a millisecond is the least)", shown(v), units)
		return 0
	}
	return d
}

// maxDuration is what more is read as: nobody waits for longer.
const maxDuration = 365 * 24 * time.Hour

func durationOf(v string, unit time.Duration) (time.Duration, bool) {
	if n, ok := number.Parse(v); ok {
		return min(number.Duration(n, unit), maxDuration), true
	}
	if strings.Trim(v, "0123456789.eE+-") != "" { // NaN, Inf, hexadecimal
		return 0, false
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil && !(errors.Is(err, strconv.ErrRange) && math.IsInf(n, 0)) {
		return 0, false
	}
	return time.Duration(min(n*float64(unit), float64(maxDuration))), true
}
