package readall_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/readall"
)

func content(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i>>8) ^ byte(i)
	}
	return b
}

var errBroken = errors.New("broken")

// Whatever length is announced, all is read, and what was read before an error.
func TestReadsAll(t *testing.T) {
	readers := map[string]func(io.Reader) io.Reader{
		"as it comes":      func(r io.Reader) io.Reader { return r },
		"a byte at a time": iotest.OneByteReader,
		"end with data":    iotest.DataErrReader,
		"broken":           func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(errBroken)) },
	}
	for _, size := range []int{0, 1, 511, 4095, 4096, 4097, 100_000, readall.Ahead - 1, readall.Ahead, readall.Ahead + 1, 3 << 20} {
		for _, expected := range []int64{-1, 0, 1, int64(size) - 1, int64(size), int64(size) + 1, 1 << 40} {
			for name, reader := range readers {
				if name == "a byte at a time" && size > 100_000 {
					continue
				}
				want := content(size)
				got, err := readall.Read(reader(bytes.NewReader(want)), expected)
				if !bytes.Equal(got, want) || (err != nil) != (name == "broken") || err != nil && err != errBroken {
					t.Errorf("%s: %d bytes of %d, %d expected: %v", name, len(got), size, expected, err)
				}
			}
		}
	}
}

// watched records the largest buffer that a reader was asked to fill, in relation to what
// it had given before.
type watched struct {
	io.Reader
	read, most int
	greedy     string
}

func (w *watched) Read(p []byte) (int, error) {
	if limit := max(readall.Ahead+1, readall.Factor*w.read); len(p)+w.read > limit+1 && w.greedy == "" {
		w.greedy = fmt.Sprintf("room for %d bytes after %d", len(p)+w.read, w.read)
	}
	w.most = max(w.most, len(p))
	n, err := w.Reader.Read(p)
	w.read += n
	return n, err
}

// Nobody makes the reader set aside much more than he has sent.
func TestAnAnnouncedLengthIsNotBelieved(t *testing.T) {
	for _, size := range []int{0, 10, 2 << 20, 9 << 20} {
		w := &watched{Reader: bytes.NewReader(content(size))}
		if got, err := readall.Read(w, 1<<50); len(got) != size || err != nil {
			t.Errorf("%d bytes of %d, %v", len(got), size, err)
		}
		if w.greedy != "" {
			t.Errorf("%d bytes sent: %s", size, w.greedy)
		}
	}
}

// The room is what is needed: with the length, for that and one more; without, for what came.
func TestRoomIsWhatIsNeeded(t *testing.T) {
	const size, class = 5 << 20, 8 << 10 // what the allocator may add
	for _, expected := range []int64{size, -1} {
		got, err := readall.Read(bytes.NewReader(content(size)), expected)
		if err != nil || cap(got) > size+class {
			t.Errorf("%d expected: room for %d bytes, %v", expected, cap(got), err)
		}
	}
	w := &watched{Reader: bytes.NewReader(content(size))}
	if _, err := readall.Read(w, -1); err != nil || w.most > 256<<10 {
		t.Errorf("a piece of %d bytes was set aside where no length is known, %v", w.most, err)
	}
}
