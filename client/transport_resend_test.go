package client_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// With an Idempotency-Key, net/http sends a request again whose answer was lost. If there
// is nobody any more then, the first one may have been carried out all the same.
func TestRequestThatNetHTTPSentAgain(t *testing.T) {
	for _, key := range []string{"", "Idempotency-Key", "X-Idempotency-Key"} {
		for _, way := range []string{"Call", "Do"} {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			got := make(chan struct{}, 9)
			go func() {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				in := bufio.NewReader(conn)
				for n := range 2 {
					req, err := http.ReadRequest(in)
					if err != nil {
						break
					}
					_, _ = io.Copy(io.Discard, req.Body)
					got <- struct{}{}
					if n == 0 {
						_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
						continue
					}
					_ = ln.Close() // it has been carried out, and nobody will say so
				}
				_ = conn.Close()
			}()
			at := "http://" + ln.Addr().String() + "/"
			c, err := client.New(client.Config{BaseURL: at, Source: newSource(t, "tok-1"), Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				header := http.Header{}
				if key != "" {
					header.Set(key, "1")
				}
				if way == "Call" {
					_, err = c.Call(t.Context(), client.Request{Method: "POST", Header: header, Body: 1})
				} else {
					req, _ := http.NewRequest("POST", at, strings.NewReader("1"))
					req.Header = header
					var resp *http.Response
					if resp, err = c.Do(req); err == nil {
						_, _ = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					}
				}
			}
			if notSent, maybe := outcomes(err); notSent || !maybe || len(got) != 2 {
				t.Errorf("%s, %s: %v: not sent %v, maybe done %v, %d requests", way, key, err, notSent, maybe, len(got))
			}
			_ = ln.Close()
			_ = c.Close()
		}
	}
}
