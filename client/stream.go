package client

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const defaultReplayLimit = 1 << 20

// turnWait is how long a refused attempt's Read that is under way is waited for;
// net/http waits as long for a body before it gives a connection up.
const turnWait = 50 * time.Millisecond

// stream is a request body that can be sent a second time although it can be read
// only once. What has been read is kept, up to a limit; a body that can seek is
// sought back instead. The rest stays in the source, which is therefore closed only
// when nobody needs it any more, and not when the first attempt is done with it.
//
// The first attempt may go on reading while its answer is there, so the source is
// read or sought only by whoever has the turn. Closing takes no turn: it is what ends
// a Read that waits for input.
type stream struct {
	src   io.ReadCloser
	seek  io.Seeker // nil if it cannot
	start int64
	limit int
	turn  chan struct{} // holds one element while somebody has the turn
	held  bool          // by pause; only RoundTrip looks at it

	mu      sync.Mutex // never held while the source is used
	kept    []byte
	lost    bool // more was read than is kept
	frozen  bool // there is a second attempt, and the first reads no more
	done    bool // the first attempt has closed its body
	settled bool // there is no second attempt
}

var errFrozen = errors.New("client: the request is being sent again")

func newStream(src io.ReadCloser, limit int) *stream {
	s := &stream{src: src, limit: limit, turn: make(chan struct{}, 1)}
	if seeker, ok := src.(io.Seeker); ok {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			s.seek, s.start = seeker, at
		}
	}
	return s
}

// Read reads for the first attempt.
func (s *stream) Read(p []byte) (int, error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if err := s.ended(); err != nil {
		return 0, err
	}
	n, err := s.src.Read(p)
	s.keep(p[:n])
	return n, err
}

// ended says why the first attempt reads no more, nil if it does.
func (s *stream) ended() error {
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

func (s *stream) keep(p []byte) {
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
func (s *stream) Close() error {
	s.mu.Lock()
	last := s.settled && !s.done
	s.done = true
	s.mu.Unlock()
	if last {
		return s.src.Close()
	}
	return nil
}

// pause takes the turn, until again or settle: an attempt that was refused reads no
// more. An HTTP/1 connection on which that leaves a body unfinished is given up by
// net/http, and must be: a server that did not want the rest often closes it, and
// the second attempt would go down with it. If the first attempt waits for its
// source for long, pause fails. A nil stream takes it.
func (s *stream) pause() {
	if s == nil {
		return
	}
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
		s.held = true
	case <-timer.C:
	}
}

func (s *stream) resume() {
	if s.held {
		s.held = false
		<-s.turn
	}
}

// ready reports whether there is all that a second attempt needs: the turn, and what
// has been read.
func (s *stream) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held && !s.lost
}

// again ends the first attempt and returns the body for the second one, from its
// first byte. It is false if that cannot be had.
func (s *stream) again() (io.ReadCloser, bool) {
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
// is over anyway. A nil stream takes it.
func (s *stream) settle(over bool) {
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
