package jsonpart_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/jsonpart"
)

// find returns the elements of the array that path leads to in text, which arrives byte
// by byte.
func find(t *testing.T, text string, path []string, limit int64) (got []string, err error) {
	t.Helper()
	in, err := charset.NewReader(iotest.OneByteReader(strings.NewReader(text)), "application/json")
	if err != nil {
		t.Fatal(err)
	}
	err = jsonpart.NewReader(in, limit).Find(path, func(element []byte) error {
		got = append(got, string(element))
		return nil
	})
	return got, err
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		text  string
		path  []string
		want  []string
		shape string // of a ShapeError
		err   error
	}{
		{text: " "},
		{text: "null", path: []string{"a"}},
		{text: "[]"},
		{text: ` [ 1 , "a,]\"" , {"b":[1]} ] `, want: []string{"1", `"a,]\""`, `{"b":[1]}`}},
		{text: `{"x":[9],"a":{"b":[1,2]},"y":1}`, path: []string{"a", "b"}, want: []string{"1", "2"}},
		{text: `{"a":null}`, path: []string{"a", "b"}},
		{text: `{"\u0061":[1]}`, path: []string{"a"}, want: []string{"1"}},
		{text: `{}`, shape: "no array"},
		{text: `[1]`, path: []string{"a"}, shape: `no object with a field "a"`},
		{text: `{"b":[1]}`, path: []string{"a"}, shape: `no field "a"`},
		{text: `{"a":{}}`, path: []string{"a", "b"}, shape: `no field "b"`},
		{text: `{"a":[1],"a":[2]}`, path: []string{"a"}, want: []string{"1"}, shape: "twice"},
		{text: "nul", err: jsonpart.ErrSyntax},
		{text: "[1", want: []string{"1"}, err: jsonpart.ErrSyntax},
		{text: "[1 2]", want: []string{"1"}, err: jsonpart.ErrSyntax},
		{text: "[1]2", want: []string{"1"}, err: jsonpart.ErrSyntax},
		{text: `{"b":[1}`, path: []string{"a"}, err: jsonpart.ErrSyntax},
		{text: `{b:[1]}`, path: []string{"b"}, err: jsonpart.ErrSyntax},
		{text: "[\"\xff\"]", err: charset.Error},
	} {
		got, err := find(t, tt.text, tt.path, -1)
		shape, isShape := errors.AsType[*jsonpart.ShapeError](err)
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) && tt.err != nil || isShape != (tt.shape != "") || isShape && !strings.Contains(shape.Error(), tt.shape) ||
			tt.err == nil && !isShape && err != nil {
			t.Errorf("%s, %q: %q, %v; want %q, %v%s", tt.text, tt.path, got, err, tt.want, tt.err, tt.shape)
		}
	}
}

// A value that is longer than the bound ends the search, whether it is wanted or not.
func TestFindIsBounded(t *testing.T) {
	long := `"` + strings.Repeat("a", 100) + `"`
	for _, tt := range []struct {
		text string
		path []string
	}{
		{text: "[1," + long + "]"},
		{text: `{"b":` + long + `,"a":[1]}`, path: []string{"a"}},
		{text: "{" + long + `:1,"a":[1]}`, path: []string{"a"}},
		{text: "[" + strings.Repeat("1", 1000)}, // no end to be seen
	} {
		for limit, long := range map[int64]bool{50: true, 101: true, 2000: false, -1: false} {
			if _, err := find(t, tt.text, tt.path, limit); errors.Is(err, jsonpart.ErrTooLong) != long {
				t.Errorf("%.20s, at most %d bytes: %v", tt.text, limit, err)
			}
		}
	}
}

func TestFindEndsWithAnErrorOfTheCaller(t *testing.T) {
	enough := errors.New("enough")
	in, err := charset.NewReader(strings.NewReader("[1,2,3"), "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = jsonpart.NewReader(in, -1).Find(nil, func([]byte) error { n++; return enough })
	if n != 1 || !errors.Is(err, enough) {
		t.Errorf("%d elements, %v", n, err)
	}
}
