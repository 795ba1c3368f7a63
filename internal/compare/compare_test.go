package compare_test

import (
	"io"
	"os"
	"slices"
	"testing"

	"github.com/advoware-go/advoware/internal/compare"
	"github.com/advoware-go/advoware/secret"
)

type settings struct {
	Text   string
	Secret secret.String
	Number *int
	Writer io.Writer
}

func TestDifferences(t *testing.T) {
	defaults := settings{Text: "default", Number: new(1)}
	base := settings{Text: "a", Secret: secret.New("s"), Number: new(7), Writer: os.Stdout}
	for _, c := range []struct {
		change func(*settings)
		want   []string
	}{
		{func(*settings) {}, nil},
		{func(s *settings) { s.Secret, s.Number = secret.New("s"), new(7) }, nil},
		{func(s *settings) { *s = defaults }, nil},
		{func(s *settings) { s.Text = "b" }, []string{"Text"}},
		{func(s *settings) { s.Secret, s.Number, s.Writer = secret.New("t"), new(8), io.Discard }, []string{"Secret", "Number", "Writer"}},
		{func(s *settings) { s.Writer = incomparable{"x"} }, []string{"Writer"}},
	} {
		got := base
		c.change(&got)
		if names := compare.Differences(got, base, defaults); !slices.Equal(names, c.want) {
			t.Errorf("got %q, want %q", names, c.want)
		}
	}
}

type incomparable []string

func (incomparable) Write(p []byte) (int, error) { return len(p), nil }

func TestFuncs(t *testing.T) {
	type hooks struct{ A, B func() }
	f, g := func() { t.Log("f") }, func() { t.Log("g") }
	if !compare.Funcs(hooks{A: f}, hooks{A: f}) || compare.Funcs(hooks{A: f}, hooks{A: g}) || compare.Funcs(hooks{A: f}, hooks{B: f}) {
		t.Error("functions are not told apart")
	}
}
