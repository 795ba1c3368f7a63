package suggest

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
)

// unknown is what kong says of a word that it does not know, before its own suggestion: that
// one has all flags of one letter for any other letter.
var unknown = regexp.MustCompile(`^(unknown flag|unexpected argument) (\S+?)(?:, did you mean .*)?$`)

// Explain returns err with what a misspelt command, flag or value was meant to be, and
// where the help is.
func Explain(err error, line *kong.Context) error {
	text := err.Error()
	if m := unknown.FindStringSubmatch(text); m != nil && line != nil {
		text = m[1] + " " + m[2] + meant(Closest(m[2], known(line)))
		if slices.Contains(methods, strings.ToUpper(m[2])) && line.Selected() == nil {
			text = m[1] + " " + m[2] + `, did you mean "call ` + m[2] + `"?`
		}
	} else if line != nil {
		text += meantValue(line)
	}
	return failure.Usage{Err: fmt.Errorf("%s (see advoware help)", text)}
}

// Line returns how far a command line was understood, nil if that is not known.
func Line(err error) *kong.Context {
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		return parse.Context
	}
	return nil
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions}

func meant(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", word)
}

// known are the words that could stand where an unknown one does.
func known(line *kong.Context) (words []string) {
	node := line.Selected()
	if node == nil {
		node = line.Model.Node
	}
	for _, child := range node.Children {
		if !child.Hidden {
			words = append(words, child.Name)
		}
	}
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			words = append(words, "--"+flag.Name)
		}
	}
	return words
}

// meantValue suggests one of the values that a flag or an argument has, if it was given
// another.
func meantValue(line *kong.Context) string {
	for _, p := range line.Path {
		v := p.Positional
		if p.Flag != nil {
			v = p.Flag.Value
		}
		if v == nil || v.Enum == "" {
			continue
		}
		given := v.Target
		if given.Kind() == reflect.Pointer && !given.IsNil() {
			given = given.Elem()
		}
		if value, values := fmt.Sprint(given), v.EnumSlice(); !slices.Contains(values, value) {
			return meant(Closest(value, values))
		}
	}
	return ""
}

// Repeated returns an error for a flag that has one value and was given several: kong
// takes the last one, and says nothing of the others.
func Repeated(command *kong.Context) error {
	given := make(map[*kong.Flag]bool)
	for _, p := range command.Path {
		if p.Flag == nil || p.Resolved || p.Flag.IsCumulative() || p.Flag.IsBool() {
			continue
		}
		if given[p.Flag] {
			return fmt.Errorf("--%s is given twice: it has one value (see advoware help)", p.Flag.Name)
		}
		given[p.Flag] = true
	}
	return nil
}
