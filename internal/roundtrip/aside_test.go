package roundtrip_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// frames speaks HTTP/2 by hand. What answer says is sent for each request: it is told which
// connection that came by, the first is 1, and its stream.
func frames(t *testing.T, answer func(conn int, stream uint32) []byte) (rt *roundtrip.Transport, url string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	srv.StartTLS() // for its certificate
	t.Cleanup(srv.Close)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: srv.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for i := 1; ; i++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go speak(conn, func(stream uint32) []byte { return answer(i, stream) })
		}
	}()
	rt = roundtrip.New(roundtrip.Options{})
	rt.Inner().TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	return rt, "https://" + ln.Addr().String()
}

func speak(conn net.Conn, answer func(stream uint32) []byte) {
	defer func() { _ = conn.Close() }()
	preface, head := make([]byte, 24), make([]byte, 9)
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	_, _ = conn.Write(frame(4, 0, 0, nil)) // SETTINGS
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		body := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		switch kind, flags := head[3], head[4]; {
		case kind == 4 && flags&1 == 0:
			_, _ = conn.Write(frame(4, 1, 0, nil))
		case kind == 6 && flags&1 == 0:
			_, _ = conn.Write(frame(6, 1, 0, body))
		case kind == 1:
			_, _ = conn.Write(answer(binary.BigEndian.Uint32(head[5:])))
		}
	}
}

func frame(kind, flags byte, stream uint32, body []byte) []byte {
	f := append(make([]byte, 0, 9+len(body)), byte(len(body)>>16), byte(len(body)>>8), byte(len(body)), kind, flags)
	return append(binary.BigEndian.AppendUint32(f, stream), body...)
}

// standstill is a WINDOW_UPDATE that no window has room for. net/http takes the lock of
// the connection for it, and once more to end the stream.
func standstill(stream uint32) []byte { return frame(8, 0, stream, []byte{0x7f, 0xff, 0xff, 0xff}) }

func header(stream uint32) []byte { return frame(1, 4, stream, []byte{0x88}) } // :status 200

// exchange sends a request and reads all of the answer.
func exchange(ctx context.Context, rt http.RoundTripper, url string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.ReadAll(resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// ends fails the test if f has not ended after ten seconds, of whatever f is about.
func ends(t *testing.T, what string, f func() error) (err error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err = <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s has no end", what)
	}
	return err
}

func TestServerThatBringsAConnectionToAStandstill(t *testing.T) {
	for name, before := range map[string]func(uint32) []byte{
		"before the answer": func(uint32) []byte { return nil },
		"amid the answer":   func(s uint32) []byte { return append(header(s), frame(0, 0, s, []byte("{"))...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt, url := frames(t, func(conn int, s uint32) []byte {
				if conn > 1 {
					return append(header(s), frame(0, 1, s, []byte("{}"))...)
				}
				return append(before(s), standstill(s)...)
			})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			err := ends(t, "the request", func() error { return exchange(ctx, rt, url, nil) })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want that the time ran out", err)
			}
			if err := ends(t, "the next one", func() error { return exchange(t.Context(), rt, url, nil) }); err != nil {
				t.Errorf("the next request failed: %v", err)
			}
			_ = ends(t, "CloseIdleConnections", func() error { rt.CloseIdleConnections(); return nil })
		})
	}
}

func TestCloseIdleConnectionsWhereOneIsAtAStandstill(t *testing.T) {
	rt, url := frames(t, func(_ int, s uint32) []byte {
		return append(append(header(s), frame(0, 1, s, []byte("{}"))...), standstill(s)...)
	})
	for range 2 { // so that the first one's standstill has been read
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_ = ends(t, "a request", func() error { return exchange(ctx, rt, url, nil) })
		cancel()
	}
	_ = ends(t, "CloseIdleConnections", func() error { rt.CloseIdleConnections(); return nil })
}

// A body may come out of a pipe that nobody writes into any more.
func TestBodyThatBlocks(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer srv.Close()
	rt := roundtrip.New(roundtrip.Options{})
	body, write := io.Pipe()
	defer func() { _ = write.Close() }()
	go func() { _, _ = write.Write([]byte("[")) }()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := ends(t, "the request", func() error { return exchange(ctx, rt, srv.URL, body) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time ran out", err)
	}
}
