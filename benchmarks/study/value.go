package study

import (
	"errors"
	"strings"

	"github.com/alecthomas/kong"
)

// errEmpty is what a variable of a shell that is not set becomes: nothing was meant by
// it, and certainly not the default.
var errEmpty = errors.New("it is empty; was a variable not set?")

// text is the value of a flag that may be left out but not empty.
type text string

// Decode implements kong.MapperValue.
func (t *text) Decode(ctx *kong.DecodeContext) error {
	value, err := pop(ctx)
	*t = text(value)
	return err
}

// names are the values of a flag that can be repeated, or given at once with commas.
type names []string

// Decode implements kong.MapperValue.
func (n *names) Decode(ctx *kong.DecodeContext) error {
	value, err := pop(ctx)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(value, ",") {
		if strings.TrimSpace(name) == "" {
			return errEmpty
		}
		*n = append(*n, strings.TrimSpace(name))
	}
	return nil
}

// pop returns the value that comes next.
func pop(ctx *kong.DecodeContext) (value string, err error) {
	if ctx.Scan.Peek().IsEOL() {
		return "", errors.New("it needs a value")
	}
	if err := ctx.Scan.PopValueInto("value", &value); err != nil {
		return "", err
	}
	if strings.TrimSpace(value) == "" {
		return "", errEmpty
	}
	return value, nil
}
