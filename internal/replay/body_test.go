package replay_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/replay"
)

const text = "0123456789"

// source counts how often it is closed.
type source struct {
	io.Reader
	closed int
}

func (s *source) Close() error { s.closed++; return nil }

// seeker is a source that can be sought back.
type seeker struct {
	source
	io.Seeker
}

func fromStart(t *testing.T, b *replay.Body) string {
	t.Helper()
	b.Pause()
	again, ok := b.Again()
	if !ok {
		t.Fatal("there is no second body")
	}
	got, err := io.ReadAll(again)
	if err := errors.Join(err, again.Close()); err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// However much of it the first attempt read, the second one has all of it, and the first
// reads no more.
func TestAgain(t *testing.T) {
	for read := range len(text) + 1 {
		opaque := &source{Reader: strings.NewReader(text)}
		r := strings.NewReader("before" + text)
		_, _ = r.Seek(6, io.SeekStart)
		seeks := &seeker{source: source{Reader: r}, Seeker: r}
		for name, src := range map[string]io.ReadCloser{"opaque": opaque, "seeks": seeks} {
			b := replay.New(src, len(text))
			if _, err := io.ReadFull(b, make([]byte, read)); err != nil {
				t.Fatal(err)
			}
			if got := fromStart(t, b); got != text {
				t.Errorf("%s, %d bytes read: the second attempt has %q", name, read, got)
			}
			if n, err := b.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%s: the first attempt read on: %d, %v", name, n, err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			b.Finish(true) // there is a second attempt, which has closed it
		}
		if opaque.closed != 1 || seeks.closed != 1 {
			t.Errorf("closed %d and %d times, want once each", opaque.closed, seeks.closed)
		}
	}
}

func TestNothingToSendAgain(t *testing.T) {
	for name, prepare := range map[string]func() *replay.Body{
		"more was read than is kept": func() *replay.Body {
			b := replay.New(io.NopCloser(strings.NewReader(text)), len(text)-1)
			_, _ = io.ReadAll(b)
			b.Pause()
			return b
		},
		"not paused": func() *replay.Body { return replay.New(io.NopCloser(strings.NewReader(text)), 100) },
	} {
		b := prepare()
		if _, ok := b.Again(); ok || b.Ready() {
			t.Errorf("%s: there is a second body", name)
		}
	}
}

// A Read that waits for its source is not waited for long.
func TestPauseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		b := replay.New(r, 100)
		go func() { _, _ = b.Read(make([]byte, 1)) }()
		synctest.Wait()
		began := time.Now()
		b.Pause()
		if _, ok := b.Again(); ok || time.Since(began) > time.Second {
			t.Errorf("a second body: %v, after %v", ok, time.Since(began))
		}
		b.Finish(false)
		_ = w.Close()
	})
}

// The source is closed once: when the first attempt is over and there is no second.
func TestCloses(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*replay.Body)
		want int
	}{
		"nothing":                 {func(*replay.Body) {}, 0},
		"the attempt closes":      {func(b *replay.Body) { _ = b.Close() }, 0},
		"no second attempt":       {func(b *replay.Body) { b.Finish(false) }, 0},
		"closed, then no second":  {func(b *replay.Body) { _ = b.Close(); b.Finish(false) }, 1},
		"no second, then closed":  {func(b *replay.Body) { b.Finish(false); _ = b.Close(); _ = b.Close() }, 1},
		"over":                    {func(b *replay.Body) { b.Finish(true); _ = b.Close(); b.Finish(true) }, 1},
		"paused and then nothing": {func(b *replay.Body) { b.Pause(); b.Finish(true) }, 1},
	} {
		src := &source{Reader: strings.NewReader(text)}
		b := replay.New(src, 100)
		tt.do(b)
		if src.closed != tt.want {
			t.Errorf("%s: closed %d times, want %d", name, src.closed, tt.want)
		}
		if _, err := b.Read(make([]byte, 1)); tt.want == 1 && !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("%s: read after it: %v", name, err)
		}
	}
	var none *replay.Body
	none.Pause()
	none.Finish(true)
}
