package client

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

const defaultReplayLimit = 1 << 20

// pauseWait is how long pause waits for a Read of the first attempt that is under way;
// net/http waits as long for a body before it gives a connection up.
const pauseWait = 50 * time.Millisecond

// replayBody is a request body that can be sent a second time although it can be read
// only once. What has been read is kept, up to a limit; a body that can seek is
// sought back instead. The rest stays in the source, which is therefore closed only
// when no attempt needs it any more, and not when the first attempt is done with it.
//
// The first attempt may go on reading while its answer is there, so a semaphore guards
// reading and seeking the source. Closing does not take it: Close is what ends a Read
// that waits for input.
type replayBody struct {
	src   io.ReadCloser
	seek  io.Seeker // nil if it cannot
	start int64
	limit int
	sem   chan struct{} // full while the source is read or sought
	held  bool          // whether pause has taken sem; used by RoundTrip only

	mu      sync.Mutex // never held while the source is used
	kept    []byte
	lost    bool // more was read than is kept
	frozen  bool // there is a second attempt, and the first reads no more
	done    bool // the first attempt has closed its body
	settled bool // there is no second attempt
}

var errFrozen = errors.New("client: the request is being sent again")

func newReplayBody(src io.ReadCloser, limit int) *replayBody {
	s := &replayBody{src: roundtrip.Guarded(src), limit: limit, sem: make(chan struct{}, 1)}
	if seeker, ok := src.(io.Seeker); ok {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			s.seek, s.start = seeker, at
		}
	}
	return s
}

// Read reads for the first attempt.
func (s *replayBody) Read(p []byte) (int, error) {
	s.sem <- struct{}{}
	defer func() { <-s.sem }()
	if err := s.ended(); err != nil {
		return 0, err
	}
	n, err := s.src.Read(p)
	s.keep(p[:n])
	return n, err
}

// ended says why the first attempt reads no more, nil if it does.
func (s *replayBody) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.frozen:
		return errFrozen
	case s.done:
		return http.ErrBodyReadAfterClose
	}
	return nil
}

func (s *replayBody) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.seek != nil || s.lost || s.settled:
	case len(s.kept)+len(p) > s.limit:
		s.kept, s.lost = nil, true
	default:
		s.kept = append(s.kept, p...)
	}
}

// Close ends the first attempt's use of the body.
func (s *replayBody) Close() error {
	s.mu.Lock()
	last := s.settled && !s.done
	s.done = true
	s.mu.Unlock()
	if last {
		return s.src.Close()
	}
	return nil
}

// pause takes the semaphore, until again or settle: an attempt that was refused reads no
// more. An HTTP/1 connection on which that leaves a body unfinished is given up by
// net/http, and must be: a server that did not want the rest often closes it, and
// the second attempt would go down with it. If the first attempt waits for its
// source for long, pause fails. On a nil *replayBody it does nothing.
func (s *replayBody) pause() {
	if s == nil {
		return
	}
	timer := time.NewTimer(pauseWait)
	defer timer.Stop()
	select {
	case s.sem <- struct{}{}:
		s.held = true
	case <-timer.C:
	}
}

func (s *replayBody) resume() {
	if s.held {
		s.held = false
		<-s.sem
	}
}

// ready reports whether there is all that a second attempt needs: the semaphore, and
// what has been read.
func (s *replayBody) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held && !s.lost
}

// again ends the first attempt and returns the body for the second one, from its
// first byte. It is false if that cannot be had.
func (s *replayBody) again() (io.ReadCloser, bool) {
	if !s.ready() {
		return nil, false
	}
	if s.seek != nil {
		if _, err := s.seek.Seek(s.start, io.SeekStart); err != nil {
			return nil, false
		}
	}
	s.mu.Lock()
	kept := s.kept
	s.frozen, s.kept = true, nil // the second body lets go of it when it is sent
	s.mu.Unlock()
	s.resume()
	if len(kept) == 0 {
		return s.src, true
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(kept), s.src), s.src}, true
}

// settle says that there is no second attempt, unless there is one already: the
// source is closed as soon as the first attempt is done with it, or now if that one
// is over anyway. On a nil *replayBody it does nothing.
func (s *replayBody) settle(over bool) {
	if s == nil {
		return
	}
	s.mu.Lock()
	settled := !s.settled && !s.frozen
	if settled {
		s.settled, s.done, s.kept = true, s.done || over, nil
	}
	last := settled && s.done
	s.mu.Unlock()
	s.resume()
	if last {
		_ = s.src.Close()
	}
}
