package envvar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/envvar"
)

// What can be meant in one way only is taken so, the rest is reported by name and without
// what may be a secret. The root's tests go through each variable.
func TestReader(t *testing.T) {
	const long = "a value that may be a password, in the wrong place"
	for _, c := range []struct {
		value string
		read  func(r *envvar.Reader) any
		want  any
		bad   bool
	}{
		{"a b\r\n", func(r *envvar.Reader) any { return r.Text("X") }, "a b", false},
		{"'a'", func(r *envvar.Reader) any { return r.Text("X") }, "'a'", true},
		{"", func(r *envvar.Reader) any { return r.Required("X") }, "", true},
		{" \"a\" ", func(r *envvar.Reader) any { return r.Word("X") }, "a", false},
		{"a\nb", func(r *envvar.Reader) any { return r.Word("X") }, "", true},
		{"7", func(r *envvar.Reader) any { return r.Number("X", 1, 9) }, 7, false},
		{"10", func(r *envvar.Reader) any { return r.Number("X", 1, 9) }, 0, true},
		{long, func(r *envvar.Reader) any { return r.Number("X", 1, 9) }, 0, true},
		{"Yes", func(r *envvar.Reader) any { return r.Bool("X") }, true, false},
		{long, func(r *envvar.Reader) any { return r.Bool("X") }, false, true},
		{"1.5", func(r *envvar.Reader) any { return r.Duration("X", time.Second, "seconds") }, 1500 * time.Millisecond, false},
		{"0", func(r *envvar.Reader) any { return r.Duration("X", time.Second, "seconds") }, time.Duration(0), true},
	} {
		var problems []string
		r := &envvar.Reader{
			Get:    func(string) string { return c.value },
			Report: func(name, problem string) { problems = append(problems, name+" "+problem) },
		}
		if got := c.read(r); got != c.want || (len(problems) > 0) != c.bad {
			t.Errorf("%q is read as %v, %q", c.value, got, problems)
		}
		if text := strings.Join(problems, ""); c.bad && !strings.HasPrefix(text, "X ") || strings.Contains(text, long) {
			t.Errorf("%q: %s", c.value, text)
		}
	}
}
