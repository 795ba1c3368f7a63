package oneline_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study/oneline"
)

func TestOf(t *testing.T) {
	a, b := errors.New("a  is\tbad"), errors.New("b is bad")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{a, "a is bad"},
		{errors.Join(a, nil, b), "a is bad; b is bad"},
		{fmt.Errorf("both: %w", errors.Join(a, errors.Join(b, a))), "both: a is bad; b is bad; a is bad"},
		{errors.New("\n one\r\n\n two \n"), "one; two"},
		{errors.New(""), ""},
	} {
		if got := oneline.Of(tt.err); got != tt.want {
			t.Errorf("%q becomes %q; want %q", tt.err, got, tt.want)
		}
	}
}
