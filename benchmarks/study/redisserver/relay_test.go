package redisserver_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/redisserver"
)

// echo answers with what it gets.
func echo(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	return l.Addr().String()
}

// What is sent through a Relay comes back whole, a round trip later and not sooner, and its
// end ends the connections.
func TestRelay(t *testing.T) {
	const roundTrip = 60 * time.Millisecond
	r, err := redisserver.NewRelay(echo(t), roundTrip)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := make([]byte, 1<<20)
	_, _ = rand.Read(want)
	for _, part := range [][]byte{want[:1], want} {
		began := time.Now()
		go func() { _, _ = c.Write(part) }()
		got := make([]byte, len(part))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, part) {
			t.Fatalf("%d bytes come back as others: %v", len(part), err)
		}
		if took := time.Since(began); took < roundTrip {
			t.Errorf("%d bytes come back after %v; a round trip is %v", len(part), took, roundTrip)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes after its end", n)
	}
	if _, err := net.Dial("tcp", r.Addr()); err == nil {
		t.Error("it accepts connections after its end")
	}
}

// Where nobody listens behind it, a connection ends.
func TestRelayToNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	r, err := redisserver.NewRelay(l.Addr().String(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %v, want the end of the connection", err)
	}
}
