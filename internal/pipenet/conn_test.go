package pipenet_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/pipenet"
)

func TestCloseLetsTheOtherEndDrain(t *testing.T) {
	a, b := pipenet.Pair()
	write(t, a, "guten ")
	write(t, a, "Tag")
	a.Close()
	a.Close()
	if got, err := io.ReadAll(b); string(got) != "guten Tag" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read after that: %v, want io.EOF itself", err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to the closed end: %v", err)
	}
	for name, op := range map[string]func([]byte) (int, error){"read": a.Read, "write": a.Write} {
		if _, err := op([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s on the closed end: %v", name, err)
		}
	}
}

func TestCloseWriteLeavesReadingOpen(t *testing.T) {
	a, b := pipenet.Pair()
	write(t, a, "Frage")
	a.CloseWrite()
	if got, err := io.ReadAll(b); string(got) != "Frage" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	write(t, b, "Antwort")
	b.Close()
	if got, err := io.ReadAll(a); string(got) != "Antwort" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestLingerZeroMakesCloseAReset(t *testing.T) {
	a, b := pipenet.Pair()
	write(t, a, "lost")
	a.SetLinger(0)
	a.Close()
	if n, err := b.Read(make([]byte, 10)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("write: %v", err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read on the closed end: %v", err)
	}
}

// Whatever ends a connection has to end a Read and a Write that wait, too.
func TestWaitingEnds(t *testing.T) {
	full := bytes.Repeat([]byte("x"), 1<<20)
	tests := map[string]struct {
		end         func(a, b *pipenet.Conn)
		read, write error // of a
	}{
		"own close":    {func(a, _ *pipenet.Conn) { a.Close() }, net.ErrClosed, net.ErrClosed},
		"other close":  {func(_, b *pipenet.Conn) { b.Close() }, io.EOF, syscall.EPIPE},
		"other reset":  {func(_, b *pipenet.Conn) { b.SetLinger(0); b.Close() }, syscall.ECONNRESET, syscall.ECONNRESET},
		"deadline now": {func(a, _ *pipenet.Conn) { a.SetDeadline(time.Now()) }, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := pipenet.Pair()
				reads, writes := make(chan error, 1), make(chan error, 1)
				go func() { _, err := a.Read(make([]byte, 1)); reads <- err }()
				go func() { _, err := a.Write(full); writes <- err }()
				synctest.Wait()
				if len(reads)+len(writes) > 0 {
					t.Fatal("nothing to wait for")
				}
				test.end(a, b)
				if err := <-reads; !errors.Is(err, test.read) {
					t.Errorf("read: %v, want %v", err, test.read)
				}
				if err := <-writes; !errors.Is(err, test.write) {
					t.Errorf("write: %v, want %v", err, test.write)
				}
			})
		})
	}
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipenet.Pair()
		defer b.Close()
		defer a.Close()
		start := time.Now()

		a.SetReadDeadline(start.Add(time.Second))
		a.SetReadDeadline(start.Add(3 * time.Second)) // the first no longer counts
		_, err := a.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v, want a timeout", err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("read waited %v", waited)
		}

		a.SetReadDeadline(time.Time{})
		go func() { time.Sleep(time.Hour); b.Write([]byte("spät")) }()
		if _, err := a.Read(make([]byte, 10)); err != nil {
			t.Errorf("read without a deadline: %v", err)
		}

		start = time.Now()
		a.SetWriteDeadline(start.Add(2 * time.Second))
		n, err := a.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("write waited %v", waited)
		}
	})
}

func TestWritesDoNotMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipenet.Pair()
		const size = 300_000 // several times the buffer
		for _, c := range "abcd" {
			go a.Write(bytes.Repeat([]byte(string(c)), size))
		}
		synctest.Wait() // one is half way, the others have to wait for it
		got := make([]byte, 4*size)
		if _, err := io.ReadFull(b, got); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(got); i += size {
			if part := got[i : i+size]; !bytes.Equal(part, bytes.Repeat(part[:1], size)) {
				t.Errorf("the write at %d is mixed with another", i)
			}
		}
	})
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}
