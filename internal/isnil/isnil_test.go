package isnil_test

import (
	"errors"
	"testing"

	"github.com/advoware-go/advoware/internal/isnil"
)

type failure struct{}

func (*failure) Error() string { return "" }

func TestValue(t *testing.T) {
	var typed error = (*failure)(nil)
	for name, c := range map[string]struct {
		v              any
		value, pointer bool
	}{
		"nil":         {nil, true, false},
		"nil pointer": {typed, true, true},
		"nil map":     {map[string]int(nil), true, true},
		"nil func":    {(func())(nil), true, true},
		"nil channel": {(chan int)(nil), true, true},
		"nil slice":   {[]int(nil), true, true},
		"pointer":     {new(failure), false, false},
		"error":       {errors.New("x"), false, false},
		"zero struct": {failure{}, false, false},
		"empty map":   {map[string]int{}, false, false},
		"zero":        {0, false, false},
	} {
		if isnil.Value(c.v) != c.value || isnil.Pointer(c.v) != c.pointer {
			t.Errorf("%s: %t, %t", name, isnil.Value(c.v), isnil.Pointer(c.v))
		}
	}
}
