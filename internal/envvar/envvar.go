// Package envvar reads variables of the environment.
//
// What is read has often been through a file, an editor and a shell: there is a line end
// behind it, a byte order mark before it, or the quotes of another program's syntax around
// it. What can only be meant in one way is taken so, the rest is refused by name. The
// vendor would call it a wrong password, and lock the account in the end.
//
// A Reader is for one goroutine.
package envvar

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/number"
)

// Reader reads variables. Its methods return the zero value for one that is missing or
// malformed, and report the latter.
type Reader struct {
	// Get returns "" for a variable that is not set.
	Get func(name string) string
	// Report is called for each problem of a variable, in words that follow its name. They
	// do not show a secret.
	Report func(name, problem string)
}

// Problem reports one.
func (r *Reader) Problem(name, format string, args ...any) {
	r.Report(name, fmt.Sprintf(format, args...))
}

// Required is Text for a variable that must not be missing.
func (r *Reader) Required(name string) string {
	v := r.Text(name)
	if strings.TrimSpace(v) == "" {
		r.Problem(name, "is required")
	}
	return v
}

// raw returns a variable without the line ends behind it and a byte order mark.
func (r *Reader) raw(name string) string {
	return strings.TrimRight(strings.TrimPrefix(r.Get(name), "\ufeff"), "\r\n")
}

// Text returns a variable that may hold any text, such as a name or a password. Spaces
// belong to it.
func (r *Reader) Text(name string) string {
	v := r.raw(name)
	switch {
	case !utf8.ValidString(v):
		r.Problem(name, "is not valid UTF-8")
	case strings.ContainsFunc(v, isLineEnd):
		r.Problem(name, "has a line end or a NUL in it")
	case v != unquoted(v):
		r.Problem(name, "is in quotes, which would be a part of it: write it without them (not every program that reads .env files takes them away)")
	}
	return v
}

// Unquoted returns a variable without the spaces and quotes around it.
func (r *Reader) Unquoted(name string) string { return unquoted(strings.TrimSpace(r.raw(name))) }

// Word returns a variable that cannot begin or end with spaces or quotes, such as a
// number, a URL or a host.
func (r *Reader) Word(name string) string {
	v := strings.TrimSpace(r.Unquoted(name))
	if strings.ContainsFunc(v, isLineEnd) {
		r.Problem(name, "has a line end or a NUL in it")
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

// Shown quotes a value for a message, with what separates it from the rest, "" if it may be
// a secret in the wrong place: all but a short number, with a unit perhaps.
func Shown(v string) string {
	const longest, digits = 7, "0123456789.,+-_"
	if unit := strings.TrimLeft(v, digits); len(v) > longest || unit == v || len(unit) > len("ms") {
		return ""
	}
	return strconv.Quote(v) + ", "
}

// Number reads an identifier, which has a range.
func (r *Reader) Number(name string, low, high int) int {
	v := r.Word(name)
	if v == "" {
		return 0
	}
	n, ok := number.Parse(v)
	if !ok || n < int64(low) || n > int64(high) {
		r.Problem(name, "is %snot a whole number from %d to %d", Shown(v), low, high)
		return 0
	}
	return int(n)
}

// Bool reads a variable that is true or false.
func (r *Reader) Bool(name string) bool {
	v := r.Word(name)
	switch strings.ToLower(v) {
	case "true", "t", "1", "yes", "y", "on":
		return true
	case "", "false", "f", "0", "no", "n", "off":
	default:
		r.Problem(name, "is %sneither true nor false", Shown(v))
	}
	return false
}

// Duration reads a positive number of units; fractions are fine.
func (r *Reader) Duration(name string, unit time.Duration, units string) time.Duration {
	v := r.Word(name)
	if v == "" {
		return 0
	}
	d, ok := durationOf(v, unit)
	if !ok || d < time.Millisecond {
		r.Problem(name, "is %snot a positive number of %s (a millisecond is the least)", Shown(v), units)
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
