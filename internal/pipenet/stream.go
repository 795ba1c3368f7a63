package pipenet

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// bufferBytes is what one direction holds before a writer has to wait.
const bufferBytes = 64 << 10

// stream is one direction of a connection.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond // something below is not as it was
	buf     bytes.Buffer
	writing bool // a writer is in the middle of its bytes

	writeClosed bool // by the writing end
	readClosed  bool // by the reading end
	broken      bool // reset by either

	readDeadline, writeDeadline deadline
}

func newStream() *stream {
	s := &stream{}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readClosed:
			return 0, net.ErrClosed
		case s.readDeadline.passed:
			return 0, os.ErrDeadlineExceeded
		case s.broken:
			return 0, errReset
		case len(p) == 0:
			return 0, nil
		case s.buf.Len() > 0:
			s.changed.Broadcast()
			return s.buf.Read(p)
		case s.writeClosed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Writers take turns, so that the bytes of two never mix. The turn is not a
	// mutex, because synctest does not see through one that is held while waiting.
	for s.writing && s.writeError() == nil {
		s.changed.Wait()
	}
	if err := s.writeError(); err != nil {
		return 0, err
	}
	s.writing = true
	defer func() {
		s.writing = false
		s.changed.Broadcast()
	}()
	written := 0
	for {
		if err := s.writeError(); err != nil {
			return written, err
		}
		n := min(len(p)-written, bufferBytes-s.buf.Len())
		s.buf.Write(p[written : written+n])
		written += n
		if written == len(p) {
			return written, nil
		}
		s.changed.Broadcast()
		s.changed.Wait()
	}
}

// writeError returns why nothing can be written, nil if writing is possible.
func (s *stream) writeError() error {
	switch {
	case s.writeClosed:
		return net.ErrClosed
	case s.writeDeadline.passed:
		return os.ErrDeadlineExceeded
	case s.broken:
		return errReset
	case s.readClosed:
		return errPipe
	}
	return nil
}

// change runs f under the lock and wakes all waiters.
func (s *stream) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.changed.Broadcast()
}

func (s *stream) closeWrite() {
	s.change(func() {
		s.writeClosed = true
		s.writeDeadline.stop()
	})
}

func (s *stream) closeRead() {
	s.change(func() {
		s.readClosed = true
		s.readDeadline.stop()
		s.buf = bytes.Buffer{}
	})
}

func (s *stream) reset() {
	s.change(func() {
		s.broken = true
		s.buf = bytes.Buffer{}
	})
}

func (s *stream) setReadDeadline(t time.Time)  { s.setDeadline(&s.readDeadline, t, &s.readClosed) }
func (s *stream) setWriteDeadline(t time.Time) { s.setDeadline(&s.writeDeadline, t, &s.writeClosed) }

func (s *stream) setDeadline(d *deadline, t time.Time, closed *bool) {
	s.change(func() {
		d.stop()
		if t.IsZero() || *closed {
			return
		}
		wait := time.Until(t)
		if wait <= 0 {
			d.passed = true
			return
		}
		round := d.round
		d.timer = time.AfterFunc(wait, func() {
			s.change(func() {
				if d.round == round {
					d.passed = true
				}
			})
		})
	})
}

// deadline is guarded by its stream's lock. The timer decides when it has passed
// and not a look at the clock, which may have been set back meanwhile.
type deadline struct {
	timer  *time.Timer
	round  int // so that a timer that fires late does not end a newer deadline
	passed bool
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
	*d = deadline{round: d.round + 1}
}
