package gateway_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
)

// An unsolicited switch of protocols is an error at once: nothing is read of it, and its
// connection is closed.
func TestAnswerThatIsNone(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, _ = in.ReadByte() // until the other end is closed
	}()
	cfg := stubbed(t, nil)
	cfg.URL, cfg.Base = "http://"+ln.Addr().String()+"/Token", nil
	began := time.Now()
	e := failed(t, open(t, cfg), gateway.Malformed)
	var none *gateway.AnswerError
	if !errors.As(e, &none) || e.Status != 101 || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", e, time.Since(began))
	}
	if !strings.Contains(e.Error(), "101") || !strings.Contains(e.Error(), "token URL") {
		t.Errorf("message %q", e)
	}
	<-closed
}

// A Base that breaks its contract is an outage, not a panic.
func TestBaseThatHasNoAnswer(t *testing.T) {
	for name, base := range map[string]roundTripper{
		"nothing": func(*http.Request) (*http.Response, error) { return nil, nil },
		"both": func(*http.Request) (*http.Response, error) {
			return response(200, strings.NewReader(`{"access_token":"token"}`)), io.ErrNoProgress
		},
	} {
		if e := failed(t, open(t, stubbed(t, base)), gateway.Outage); e.Status != 0 || e.Err == nil {
			t.Errorf("%s: %v", name, e)
		}
	}
	none := stubbed(t, func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil })
	failed(t, open(t, none), gateway.Malformed) // no body
}
