package dial_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

func open(t *testing.T, cfg dial.Config, o dial.Options) *dial.Connection {
	t.Helper()
	conn, err := dial.Open(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := conn.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	})
	return conn
}

// A client of the caller's is handed out as it is, and stays open.
func TestClientOfTheCaller(t *testing.T) {
	theirs := goredis.NewClient(&goredis.Options{Addr: redistest.Start(t).Addr()})
	defer theirs.Close()
	conn := open(t, dial.Config{Client: theirs}, dial.Options{})
	conn.Connect()
	conn.Renew()
	if conn.Client() != goredis.UniversalClient(theirs) {
		t.Error("it is another client")
	}
	if err := conn.Explain(t.Context(), context.DeadlineExceeded); err != context.DeadlineExceeded {
		t.Errorf("explained as %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := theirs.Ping(t.Context()).Err(); err != nil {
		t.Errorf("it is closed: %v", err)
	}
}

// Connect makes a connection that the first command finds; nothing does before.
func TestConnect(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	conn := open(t, dial.Config{URL: secret.New("redis://" + ln.Addr().String()), Timeout: time.Hour}, dial.Options{})
	accepted := make(chan net.Conn)
	go func() {
		c, err := ln.Accept()
		if err == nil {
			accepted <- c
		}
	}()
	select {
	case <-accepted:
		t.Fatal("Open connects")
	default:
	}
	conn.Connect()
	conn.Connect()
	c := <-accepted
	defer c.Close()
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	conn.Connect() // does nothing any more
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	for p := make([]byte, 1000); ; {
		if _, err := c.Read(p); err != nil {
			if os.IsTimeout(err) {
				t.Error("the connection is left open")
			}
			return
		}
	}
}

// A timeout is explained by what the dial behind it meets later.
func TestExplain(t *testing.T) {
	ca, another := redistest.NewCA(t), redistest.NewCA(t)
	far := redistest.StartRelay(t, redistest.StartTLS(t, ca, "--tls-auth-clients", "no").Addr())
	far.Trip(300 * time.Millisecond) // longer than a command waits for a connection
	conn := open(t, dial.Config{URL: secret.New("rediss://" + far.Addr()), CAFile: another.File(), Timeout: 30 * time.Second}, dial.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := conn.Client().Ping(ctx).Err()
	if err == nil || strings.Contains(err.Error(), "authority") {
		t.Fatalf("got %v, want a timeout", err)
	}
	if err = conn.Explain(ctx, err); !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("explained as %v", err)
	}
}

// A certificate file that cannot be used any more is a warning that names the field in the
// caller's way, once, and what it said before stays.
func TestFileThatIsOfNoUseAnyMore(t *testing.T) {
	ca := redistest.NewCA(t)
	srv := redistest.StartTLS(t, ca, "--tls-auth-clients", "no")
	file := t.TempDir() + "/ca.crt"
	text, err := os.ReadFile(ca.File())
	if err != nil {
		t.Fatal(err)
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	logged := make(lines, 100)
	conn := open(t, dial.Config{URL: secret.New("rediss://" + srv.Addr() + "?dial_timeout=20s&read_timeout=20s"), CAFile: file, Timeout: 20 * time.Second},
		dial.Options{Logger: slog.New(slog.NewTextHandler(logged, nil)), Name: func(field string) string { return "my " + field }})
	client := conn.Client()
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	write(text[:len(text)/2])
	conn.Renew()
	for range 2 {
		if err := client.Ping(t.Context()).Err(); err != nil {
			t.Fatalf("with what the file said before: %v", err)
		}
		conn.Renew()
	}
	if line := <-logged; !strings.Contains(line, "my CAFile ") {
		t.Errorf("the warning does not name the field: %s", line)
	}
	select {
	case line := <-logged:
		t.Errorf("it is said again: %s", line)
	default:
	}
}

// lines is a log of which each line is received.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(bytes.Clone(p))
	return len(p), nil
}
