package redisconn_test

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redisconn"
)

// A dial for a command that has ended ends with it, and none begins without one.
func TestOnceADialEndsWithTheLastCommand(t *testing.T) {
	port, _ := listen(t, "127.0.0.1:0")
	began := make(chan struct{}, 10)
	hang := true
	d := newDialer(t, redisconn.Config{Once: true, Timeout: time.Hour, Lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
		began <- struct{}{}
		if hang {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}})
	d.Begin()
	d.Begin()
	failed := make(chan error)
	go func() { // as go-redis does, whatever becomes of the command
		_, err := d.DialContext(context.Background(), "tcp", "redis.example:"+port)
		failed <- err
	}()
	<-began
	d.End()
	select {
	case err := <-failed:
		t.Fatalf("the dial ended with the first of two commands: %v", err)
	default:
	}
	d.End()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the dial of a command that has ended: %v", err)
	}
	if _, err := d.DialContext(t.Context(), "tcp", "redis.example:"+port); !errors.Is(err, context.Canceled) || len(began) > 0 {
		t.Errorf("a dial without a command: %v", err)
	}
	hang = false
	d.Begin()
	defer d.End()
	mustDial(t, d, "redis.example:"+port)
}

// A connection that was not used is closed with the last command, one that was used is not: a
// transaction may go on.
func TestOnceAnUnusedConnectionIsClosedWithTheLastCommand(t *testing.T) {
	port, accepted := listen(t, "127.0.0.1:0")
	d := newDialer(t, redisconn.Config{Once: true})
	d.Begin()
	mustDial(t, d, "127.0.0.1:"+port)
	unused := <-accepted
	used := mustDial(t, d, "127.0.0.1:"+port)
	at := <-accepted
	for _, text := range []string{"a", "b"} {
		if _, err := io.WriteString(used, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if text == "a" {
			d.End()
		}
	}
	if got, err := io.ReadAll(unused); len(got) > 0 || err != nil {
		t.Errorf("from one that was not used: %q, %v; want its end", got, err)
	}
	got := make([]byte, 2)
	if _, err := io.ReadFull(at, got); err != nil || string(got) != "ab" {
		t.Errorf("from one that was used: %q, %v", got, err)
	}
}
