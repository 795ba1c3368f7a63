package kept_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/advoware-go/advoware/internal/kept"
)

// Whatever was read ahead, the reader of the answer gets all of it.
func TestResponseIsReadAsItCame(t *testing.T) {
	cut := errors.New("cut")
	for name, tt := range map[string]struct {
		body  io.Reader
		want  string // all of it
		begin string // its beginning
		whole bool
		err   error
	}{
		"none":             {http.NoBody, "", "", true, nil},
		"short":            {strings.NewReader("abc"), "abc", "abc", true, nil},
		"long":             {strings.NewReader(strings.Repeat("x", 70<<10)), strings.Repeat("x", 70<<10), strings.Repeat("x", 64<<10+1), false, nil},
		"broke off":        {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(cut)), "abc", "abc", false, cut},
		"a byte at a time": {iotest.OneByteReader(strings.NewReader("abc")), "abc", "abc", true, nil},
	} {
		resp := &http.Response{Body: io.NopCloser(tt.body)}
		begin, whole := kept.Response(resp)
		got, err := io.ReadAll(resp.Body)
		if string(begin) != tt.begin || whole != tt.whole || string(got) != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: began %d bytes, whole %v, then %d bytes and %v", name, len(begin), whole, len(got), err)
		}
	}
	resp := new(http.Response)
	if begin, whole := kept.Response(resp); len(begin) != 0 || !whole || resp.Body.Close() != nil {
		t.Error("an answer without a body")
	}
}

// A body that stalls is not waited for, and is read when the caller reads it.
func TestBodyThatStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		resp := &http.Response{Body: r}
		if begin, whole := kept.Response(resp); begin != nil || whole {
			t.Errorf("began with %q", begin)
		}
		go func() {
			_, _ = io.WriteString(w, "abc")
			_ = w.Close()
		}()
		if got, err := io.ReadAll(resp.Body); string(got) != "abc" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		_ = resp.Body.Close()
	})
}
