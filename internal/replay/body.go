// Package replay keeps what a request needs that may be sent a second time: its body, while
// the first attempt reads it, and the answer to that attempt.
package replay

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// pauseWait is how long Pause waits for a Read of the first attempt that is under way;
// net/http waits as long for a body before it gives a connection up.
const pauseWait = 50 * time.Millisecond

// Body is a request body that can be sent a second time although it can be read
// only once. What has been read is kept, up to a limit; a body that can seek is
// sought back instead. The rest stays in the source, which is therefore closed only
// when no attempt needs it any more, and not when the first attempt is done with it.
//
// The first attempt may go on reading while its answer is there, so a semaphore guards
// reading and seeking the source. Closing does not take it: Close is what ends a Read
// that waits for input.
type Body struct {
	src   io.ReadCloser
	seek  io.Seeker // nil if it cannot
	start int64
	limit int
	sem   chan struct{} // full while the source is read or sought
	held  bool          // whether Pause has taken sem; used by the goroutine of RoundTrip only

	mu     sync.Mutex // never held while the source is used
	kept   []byte
	lost   bool // more was read than is kept
	frozen bool // there is a second attempt, and the first reads no more
	done   bool // the first attempt has closed its body
	alone  bool // there is no second attempt
}

var errFrozen = errors.New("client: the request is being sent again")

// New returns a Body that reads src, and keeps at most limit bytes of it.
func New(src io.ReadCloser, limit int) *Body {
	b := &Body{src: roundtrip.Guarded(src), limit: limit, sem: make(chan struct{}, 1)}
	if seeker, ok := src.(io.Seeker); ok {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			b.seek, b.start = seeker, at
		}
	}
	return b
}

// Read reads for the first attempt.
func (b *Body) Read(p []byte) (int, error) {
	b.sem <- struct{}{}
	defer func() { <-b.sem }()
	if err := b.ended(); err != nil {
		return 0, err
	}
	n, err := b.src.Read(p)
	b.keep(p[:n])
	return n, err
}

// ended says why the first attempt reads no more, nil if it does.
func (b *Body) ended() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.frozen:
		return errFrozen
	case b.done:
		return http.ErrBodyReadAfterClose
	}
	return nil
}

func (b *Body) keep(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.seek != nil || b.lost || b.alone:
	case len(b.kept)+len(p) > b.limit:
		b.kept, b.lost = nil, true
	default:
		b.kept = append(b.kept, p...)
	}
}

// Close ends the first attempt's use of the body.
func (b *Body) Close() error {
	b.mu.Lock()
	last := b.alone && !b.done
	b.done = true
	b.mu.Unlock()
	if last {
		return b.src.Close()
	}
	return nil
}

// Pause takes the semaphore, until Again or Finish: an attempt that was refused reads no
// more. An HTTP/1 connection on which that leaves a body unfinished is given up by
// net/http, and must be: a server that did not want the rest often closes it, and
// the second attempt would go down with it. If the first attempt waits for its
// source for long, Pause fails. On a nil *Body it does nothing.
func (b *Body) Pause() {
	if b == nil {
		return
	}
	timer := time.NewTimer(pauseWait)
	defer timer.Stop()
	select {
	case b.sem <- struct{}{}:
		b.held = true
	case <-timer.C:
	}
}

func (b *Body) resume() {
	if b.held {
		b.held = false
		<-b.sem
	}
}

// Ready reports whether there is all that a second attempt needs: the semaphore, and
// what has been read.
func (b *Body) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held && !b.lost
}

// Again ends the first attempt and returns the body for the second one, from its
// first byte. It is false if that cannot be had.
func (b *Body) Again() (io.ReadCloser, bool) {
	if !b.Ready() {
		return nil, false
	}
	if b.seek != nil {
		if _, err := b.seek.Seek(b.start, io.SeekStart); err != nil {
			return nil, false
		}
	}
	b.mu.Lock()
	kept := b.kept
	b.frozen, b.kept = true, nil // the second body lets go of it when it is sent
	b.mu.Unlock()
	b.resume()
	if len(kept) == 0 {
		return b.src, true
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(kept), b.src), b.src}, true
}

// Finish says that there is no second attempt, unless there is one already: the
// source is closed as soon as the first attempt is done with it, or now if that one
// is over anyway. On a nil *Body it does nothing.
func (b *Body) Finish(over bool) {
	if b == nil {
		return
	}
	b.mu.Lock()
	first := !b.alone && !b.frozen
	if first {
		b.alone, b.done, b.kept = true, b.done || over, nil
	}
	last := first && b.done
	b.mu.Unlock()
	b.resume()
	if last {
		_ = b.src.Close()
	}
}
