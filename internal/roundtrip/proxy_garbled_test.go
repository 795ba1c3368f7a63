package roundtrip_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// A proxy may repeat what it was sent, in an answer that is none, and net/http quotes that.
func TestProxyThatRepeatsItsLogin(t *testing.T) {
	const login = "dXNlcjpzd29yZGZpc2g=" // user:swordfish
	for name, answer := range map[string]string{
		"no status":         login + "\r\n\r\n",
		"status":            "HTTP/1.1 " + login + " x\r\n\r\n",
		"header":            "HTTP/1.1 200 OK\r\nBasic " + login + "\r\n\r\n",
		"length":            "HTTP/1.1 200 OK\r\nContent-Length: " + login + "\r\n\r\n",
		"transfer encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + login + "\r\n\r\n",
		"decoded":           "HTTP/1.1 user:swordfish x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				asked := make([]byte, 0, 4<<10)
				for !bytes.Contains(asked, []byte("\r\n\r\n")) {
					n, err := conn.Read(asked[len(asked):cap(asked)])
					if err != nil {
						return
					}
					asked = asked[:len(asked)+n]
				}
				_, _ = io.WriteString(conn, answer)
			}()
			proxied(t, "http://user:swordfish@"+ln.Addr().String())
			req, _ := http.NewRequest("GET", "https://www2.example:90/x", nil)
			_, err = roundtrip.Exchange(roundtrip.New(roundtrip.Options{}), req)
			if text := err.Error(); strings.Contains(text, "swordfish") || strings.Contains(text, login[:16]) || !strings.Contains(text, ln.Addr().String()) {
				t.Errorf("got %s, want the address of the proxy, and nothing of its login", text)
			}
		})
	}
}
