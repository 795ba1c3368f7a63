package replay_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/replay"
)

// What is kept of an answer, and what is read of it later, is the whole of it.
func TestKeepAnswer(t *testing.T) {
	reset := errors.New("connection reset")
	for name, tt := range map[string]struct {
		body  io.Reader
		size  int
		whole bool
		err   error
	}{
		"none":       {nil, 0, true, nil},
		"short":      {strings.NewReader(text), len(text), true, nil},
		"at limit":   {strings.NewReader(strings.Repeat("a", 64<<10)), 64 << 10, true, nil},
		"long":       {strings.NewReader(strings.Repeat("a", 64<<10+1)), 64<<10 + 1, false, nil},
		"very long":  {strings.NewReader(strings.Repeat("a", 1<<20)), 1 << 20, false, nil},
		"breaks off": {io.MultiReader(strings.NewReader(text), iotest.ErrReader(reset)), len(text), false, reset},
	} {
		resp, src := new(http.Response), &source{Reader: tt.body}
		if tt.body != nil {
			resp.Body = src
		}
		_, whole := replay.KeepAnswer(resp)
		got, err := io.ReadAll(resp.Body)
		if whole != tt.whole || len(got) != tt.size || !errors.Is(err, tt.err) {
			t.Errorf("%s: %d bytes, %v, whole: %v; want %d, %v, %v", name, len(got), err, whole, tt.size, tt.err, tt.whole)
		}
		if err := resp.Body.Close(); err != nil || tt.body != nil && src.closed != 1 {
			t.Errorf("%s: %v, closed %d times", name, err, src.closed)
		}
	}
}

// An answer that stalls is not waited for, and is whole when it is read later.
func TestKeepAnswerThatStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		resp := &http.Response{Body: r}
		began := time.Now()
		if _, whole := replay.KeepAnswer(resp); whole || time.Since(began) > time.Second {
			t.Errorf("whole after %v", time.Since(began))
		}
		go func() {
			_, _ = io.WriteString(w, text)
			_ = w.Close()
		}()
		if got, err := io.ReadAll(resp.Body); string(got) != text || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		_ = resp.Body.Close()
	})
}
