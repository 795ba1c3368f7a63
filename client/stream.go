package client

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

const defaultReplayLimit = 1 << 20

// stream is a request body that can be sent a second time although it can be read
// only once. What has been read is kept, up to a limit; a body that can seek is
// sought back instead. The rest stays in the source, which is therefore closed only
// when nobody needs it any more, and not when the first attempt is done with it.
type stream struct {
	src   io.ReadCloser
	seek  io.Seeker // nil if it cannot
	start int64
	limit int

	mu      sync.Mutex
	kept    []byte
	lost    bool // more was read than is kept
	reading bool
	frozen  bool // the first attempt reads no more
	done    bool // the first attempt has closed its body
	settled bool // no second attempt needs the source
}

var errFrozen = errors.New("client: the request is being sent again")

func newStream(src io.ReadCloser, limit int) *stream {
	s := &stream{src: src, limit: limit}
	if seeker, ok := src.(io.Seeker); ok {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			s.seek, s.start = seeker, at
		}
	}
	return s
}

// Read reads for the first attempt.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	if s.frozen {
		s.mu.Unlock()
		return 0, errFrozen
	}
	s.reading = true
	s.mu.Unlock()

	n, err := s.src.Read(p)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading = false
	switch {
	case s.seek != nil || s.lost || s.settled:
	case len(s.kept)+n > s.limit:
		s.kept, s.lost = nil, true
	default:
		s.kept = append(s.kept, p[:n]...)
	}
	return n, err
}

// Close ends the first attempt's use of the body.
func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil
	}
	s.done = true
	if s.settled {
		return s.src.Close()
	}
	return nil
}

func (s *stream) isLost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// settle says that there is no second attempt, unless there is one already. A nil
// stream takes it.
func (s *stream) settle() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled || s.frozen {
		return
	}
	s.settled, s.kept = true, nil
	if s.done {
		_ = s.src.Close()
	}
}

// again stops the first attempt and returns the body for the second one, from its
// first byte. It is false if too much has been read to be kept, or if the first
// attempt is still waiting for the source, which then cannot be read by another.
func (s *stream) again() (io.ReadCloser, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost || s.reading || s.settled {
		return nil, false
	}
	if s.seek != nil {
		if _, err := s.seek.Seek(s.start, io.SeekStart); err != nil {
			return nil, false
		}
		s.frozen = true
		return s.src, true
	}
	s.frozen = true
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(s.kept), s.src), s.src}, true
}
