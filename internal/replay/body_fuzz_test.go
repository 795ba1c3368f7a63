package replay_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/replay"
)

var errSource = errors.New("the source broke")

// kinds are ways in which a reader may hand out the same bytes.
var kinds = []func([]byte) io.Reader{
	func(b []byte) io.Reader { return bytes.NewBuffer(b) },
	func(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) },
	func(b []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(b)) },
	func(b []byte) io.Reader { return iotest.DataErrReader(bytes.NewReader(b)) }, // the last bytes with io.EOF
	func(b []byte) io.Reader { return &empties{r: bytes.NewReader(b)} },
	func(b []byte) io.Reader {
		return io.MultiReader(bytes.NewReader(b[:len(b)/2]), bytes.NewReader(b[len(b)/2:]))
	},
	func(b []byte) io.Reader { return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))) }, // that can seek
	func(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), iotest.ErrReader(errSource)) },
}

// empties returns nothing, without an error, at every second Read.
type empties struct {
	r    io.Reader
	next bool
}

func (e *empties) Read(p []byte) (int, error) {
	if e.next = !e.next; e.next {
		return 0, nil
	}
	return e.r.Read(p)
}

// FuzzBody: whatever the source is like, however the first attempt reads it and wherever that
// ends, a second one has all of the bytes and the same end, or there is none; and there is one
// if no more was read than is kept. The source is closed once.
func FuzzBody(f *testing.F) {
	for kind := range kinds {
		f.Add([]byte("0123456789"), uint8(kind), 10, []byte{3, 0, 1, 200}, false)
		f.Add([]byte("0123456789"), uint8(kind), 4, []byte{5, 5, 5}, true)
		f.Add([]byte{}, uint8(kind), 0, []byte{1}, false)
	}
	f.Fuzz(func(t *testing.T, content []byte, kind uint8, limit int, reads []byte, closes bool) {
		limit = max(0, limit)
		r := kinds[int(kind)%len(kinds)](bytes.Clone(content))
		src := &source{Reader: r}
		var body io.ReadCloser = src
		seeks := false
		if s, ok := r.(io.Seeker); ok {
			body, seeks = &seeker{source: source{Reader: r}, Seeker: s}, true
			src = &body.(*seeker).source
		}
		b := replay.New(body, limit)
		var first []byte
		for _, n := range reads {
			p := make([]byte, max(1, n)) // iotest.DataErrReader never returns from a Read for nothing
			got, err := b.Read(p)
			first = append(first, p[:got]...)
			if err != nil {
				break
			}
		}
		if !bytes.HasPrefix(content, first) {
			t.Fatalf("the first attempt read %q of %q", first, content)
		}
		if closes {
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		}
		b.Pause()
		again, ok := b.Again()
		if want := seeks || len(first) <= limit; ok != want {
			t.Fatalf("a second attempt after %d bytes of at most %d: %v", len(first), limit, ok)
		}
		if ok {
			all, err := io.ReadAll(again)
			if fails := int(kind)%len(kinds) == len(kinds)-1; !bytes.Equal(all, content) || fails != errors.Is(err, errSource) || !fails && err != nil {
				t.Fatalf("the second attempt read %q, %v of %q", all, err, content)
			}
			if n, err := b.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Fatalf("the first attempt read on: %d, %v", n, err)
			}
			_ = again.Close()
		}
		_ = b.Close()
		b.Finish(true)
		if src.closed != 1 {
			t.Errorf("closed %d times", src.closed)
		}
	})
}
