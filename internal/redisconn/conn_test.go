package redisconn_test

import (
	"context"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/redisconn"
)

// usable asks as go-redis does before it uses an idle connection again.
func usable(c net.Conn) bool {
	_, err := c.(syscall.Conn).SyscallConn()
	return err == nil
}

// unheard is longer than what counts as silence.
const unheard = 250 * time.Millisecond

// exchange sends something and waits for an answer, for so long.
func exchange(t *testing.T, c net.Conn, limit time.Duration) error {
	t.Helper()
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(limit))
	_, err := c.Read(make([]byte, 100))
	return err
}

// When a connection is found dead, the others are not used again before they are heard
// of, and new ones are.
func TestOthersAreNotTrusted(t *testing.T) {
	port, accepted := listen(t, "127.0.0.1:0")
	d := newDialer(t, redisconn.Config{})
	addr := "127.0.0.1:" + port
	idle, dead, busy := mustDial(t, d, addr), mustDial(t, d, addr), mustDial(t, d, addr)
	for range 3 {
		<-accepted
	}
	if err := exchange(t, dead, unheard); err == nil {
		t.Fatal("an answer")
	}
	_ = dead.Close()
	if usable(idle) {
		t.Error("an idle connection is used again")
	}
	fresh := mustDial(t, d, addr)
	answering := <-accepted
	if !usable(fresh) {
		t.Error("a new connection is not used")
	}
	// One that gives an answer lives.
	_, _ = answering.Write([]byte("+PONG\r\n"))
	if err := exchange(t, fresh, patience); err != nil || !usable(fresh) {
		t.Errorf("one that answers: %v", err)
	}
	_ = busy.Close() // that nobody was waiting for
	if !usable(fresh) {
		t.Error("closing an idle connection says nothing of others")
	}
	d.Renew()
	if usable(fresh) || !usable(mustDial(t, d, addr)) {
		t.Error("Renew does not tell old from new")
	}
}

// A caller who is in a hurry has not found anything out.
func TestHasteIsNoSilence(t *testing.T) {
	port, _ := listen(t, "127.0.0.1:0")
	synctest.Test(t, func(t *testing.T) { // in which a busy machine takes no time
		d := newDialer(t, redisconn.Config{})
		idle, hasty := mustDial(t, d, "127.0.0.1:"+port), mustDial(t, d, "127.0.0.1:"+port)
		if _, err := hasty.Write([]byte("PING\r\n")); err != nil {
			t.Fatal(err)
		}
		_ = hasty.Close()
		if !usable(idle) {
			t.Error("the others are not trusted")
		}
	})
}

// The reason of a failure is in its error, also where the call has not waited for it.
func TestExplain(t *testing.T) {
	port, _ := listen(t, "127.0.0.1:0")
	d := newDialer(t, redisconn.Config{})
	late := &net.DNSError{IsTimeout: true}
	if err := d.Explain(t.Context(), late); err != error(late) {
		t.Errorf("%v: nothing has happened", err)
	}
	if err := d.Explain(t.Context(), net.ErrClosed); err != net.ErrClosed {
		t.Errorf("%v: that says enough", err)
	}
	mute := mustDial(t, d, "127.0.0.1:"+port)
	if err := exchange(t, mute, unheard); err == nil {
		t.Fatal("an answer")
	}
	_ = mute.Close()
	if err := d.Explain(t.Context(), late); !strings.Contains(err.Error(), "127.0.0.1:"+port+" does not answer") {
		t.Errorf("%v", err)
	}
	_, _ = d.DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if err := d.Explain(t.Context(), late); !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Explain(ctx, nil); err != nil {
		t.Error(err)
	}
}
