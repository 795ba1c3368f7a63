package redistest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
)

// A round trip takes as long as it is said to in the bubble, and what the server takes is no time.
func TestWay(t *testing.T) {
	const trip = 300 * time.Millisecond
	slow := redistest.Listen(t, func(c net.Conn) {
		for {
			if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
				return
			}
			<-time.After(20 * time.Millisecond) // real ones
			if _, err := io.WriteString(c, "pong"); err != nil {
				return
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		way := new(redistest.Way)
		way.Trip(trip)
		began := time.Now()
		after := func(what string, want time.Duration) {
			t.Helper()
			if took := time.Since(began); took != want {
				t.Errorf("%s took %v, want %v", what, took, want)
			}
			began = time.Now()
		}
		ctx, cancel := context.WithTimeout(t.Context(), trip/2)
		defer cancel()
		if _, err := way.Dial(ctx, "tcp", slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a dial that takes too long: %v", err)
		}
		after("a dial that takes too long", trip/2)
		c, err := way.Dial(t.Context(), "tcp", slow)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		after("a dial", trip)

		ask := func(patience time.Duration) error {
			if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
			if _, err := io.WriteString(c, "ping"); err != nil {
				return err
			}
			_, err := io.ReadFull(c, make([]byte, 4))
			return err
		}
		if err := ask(trip); err != nil {
			t.Error(err)
		}
		after("an answer", trip)
		var timeout net.Error
		if err := ask(trip - 1); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("an answer that is late: %v", err)
		}
		after("an answer that is late", trip-1)
		way.Trip(0)
		if err := ask(time.Millisecond); err != nil { // the late one
			t.Error(err)
		}
		after("an answer by a server next door", 0)
	})
}

// A message may be written at the moment that another goroutine begins to read.
func TestWayBothWays(t *testing.T) {
	const trip = 80 * time.Millisecond
	srv := redistest.Listen(t, func(c net.Conn) {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second)) // no time passes in the bubble until then
		if _, err := io.ReadFull(c, make([]byte, 4)); err == nil {
			_, _ = io.WriteString(c, "pong")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		way := new(redistest.Way)
		way.Trip(trip)
		for range 2000 {
			c, err := way.Dial(t.Context(), "tcp", srv)
			if err != nil {
				t.Fatal(err)
			}
			read := make(chan error, 1)
			go func() {
				_, err := io.ReadFull(c, make([]byte, 4))
				read <- err
			}()
			if _, err := io.WriteString(c, "ping"); err != nil {
				t.Fatal(err)
			}
			if err := <-read; err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		}
	})
}
