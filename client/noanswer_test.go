package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
)

// rawServer answers each request with these bytes, after the first so many have had a
// 401, and then leaves the connection as it is. It tells when the other end has closed
// one.
func rawServer(t *testing.T, answer string, refused int) (at string, ended <-chan struct{}) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	ends := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(in)
					if err != nil {
						ends <- struct{}{}
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					text := answer
					if refused > 0 {
						refused--
						text = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
					}
					_, _ = io.WriteString(conn, text)
				}
			}()
		}
	}()
	return "http://" + ln.Addr().String() + "/", ends
}

// noAnswers are what no request of ours asks for.
var noAnswers = map[string]string{
	"101":                   "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	"101, other protocol":   "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
	"101 without Upgrade":   "HTTP/1.1 101 Switching Protocols\r\n\r\n",
	"101 with a body":       "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 1000\r\n\r\n",
	"101 with text":         "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n{}",
	"101 after a 103":       "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
	"099":                   "HTTP/1.1 099 Nothing\r\nContent-Length: 0\r\n\r\n",
	"101 of the second one": "",
}

// An unsolicited switch of protocols is an error at once, by whatever way and also after
// a 401; nothing is read of it, and its connection is closed.
func TestAnswerThatIsNone(t *testing.T) {
	for name, text := range noAnswers {
		refused := 0
		if text == "" {
			text, refused = noAnswers["101"], 1
		}
		for how, do := range routes {
			if refused > 0 && how == "foreign" {
				continue // has no token that could be refused
			}
			t.Run(name+"/"+how, func(t *testing.T) {
				at, ended := rawServer(t, text, refused)
				c, err := client.New(client.Config{BaseURL: at, Source: newSource(t, "tok-1", "tok-2"), Logger: new(logs).logger()})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				began := time.Now()
				err = do(c, at)
				var none *client.AnswerError
				if !errors.As(err, &none) || none.Status > 101 || none.Status < 99 {
					t.Errorf("got %v; want an AnswerError", err)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("after %v", took)
				}
				<-ended
			})
		}
	}
}

// routes has the ways to send a request.
var routes = map[string]func(c *client.Client, at string) error{
	"Call": func(c *client.Client, _ string) error {
		_, err := c.Call(context.Background(), client.Request{Method: "POST", Body: 1})
		return err
	},
	"Each": func(c *client.Client, _ string) error {
		for _, err := range client.Each[int](context.Background(), c, client.Request{}) {
			return err
		}
		return nil
	},
	"Do": func(c *client.Client, at string) error {
		req, _ := http.NewRequest("PUT", at, strings.NewReader("x"))
		return closed(c.Do(req))
	},
	"HTTPClient": func(c *client.Client, at string) error { return closed(c.HTTPClient().Get(at)) },
	"foreign": func(c *client.Client, at string) error { // another name of the same server
		return closed(c.HTTPClient().Get(strings.Replace(at, "127.0.0.1", "localhost", 1)))
	},
}

func closed(resp *http.Response, err error) error {
	if resp != nil {
		_ = resp.Body.Close()
	}
	return err
}

// The same with a Base of the caller's, whatever it hands over.
func TestBaseThatHasNoAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(body func() io.ReadCloser) (*http.Response, error)
		status int // of the AnswerError; -1 for another error
	}{
		"nothing": {func(func() io.ReadCloser) (*http.Response, error) { return nil, nil }, 0},
		"101": {func(b func() io.ReadCloser) (*http.Response, error) {
			return &http.Response{StatusCode: 101, Body: b()}, nil
		}, 101},
		"101 and no body": {func(func() io.ReadCloser) (*http.Response, error) { return &http.Response{StatusCode: 101}, nil }, 101},
		"100": {func(b func() io.ReadCloser) (*http.Response, error) {
			return &http.Response{StatusCode: 100, Body: b()}, nil
		}, 100},
		"no status": {func(b func() io.ReadCloser) (*http.Response, error) { return &http.Response{Body: b()}, nil }, 0},
		"both": {func(b func() io.ReadCloser) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: b()}, io.ErrNoProgress
		}, -1},
	} {
		for how, do := range routes {
			for _, refused := range []bool{false, true} {
				if refused && how == "foreign" {
					continue
				}
				var answers tally
				first := refused
				c := stubbed(t, "http://127.0.0.1:1/", func(req *http.Request) (*http.Response, error) {
					if first {
						first = false
						return answer(req, 401, ""), nil
					}
					if req.Body != nil {
						req.Body = nil // a Base that forgets to close it
					}
					return tt.answer(func() io.ReadCloser { return answers.body("x") })
				})
				err := do(c, "http://127.0.0.1:1/")
				var none *client.AnswerError
				if is := errors.As(err, &none); is != (tt.status >= 0) || is && none.Status != tt.status || err == nil {
					t.Errorf("%s, %s, refused %t: got %v", name, how, refused, err)
				}
				if tt.status < 0 && !errors.Is(err, io.ErrNoProgress) {
					t.Errorf("%s, %s: got %v; want what the Base said", name, how, err)
				}
				if open := answers.open(); open != 0 {
					t.Errorf("%s, %s, refused %t: %d answers stay open", name, how, refused, open)
				}
			}
		}
	}
}

// tally counts bodies and how often each is closed.
type tally struct {
	mu     sync.Mutex
	bodies []*tallied
}

type tallied struct {
	io.Reader
	tally  *tally
	closed int
}

func (t *tally) body(text string) *tallied {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := &tallied{Reader: strings.NewReader(text), tally: t}
	t.bodies = append(t.bodies, b)
	return b
}

func (b *tallied) Close() error {
	b.tally.mu.Lock()
	defer b.tally.mu.Unlock()
	b.closed++
	return nil
}

// open returns how many bodies are not closed, or more than once.
func (t *tally) open() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.bodies {
		if b.closed != 1 {
			n++
		}
	}
	return n
}

// What turns a connection into something else is refused before anything is sent.
func TestUpgradesAreRefused(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"CONNECT": func(r *http.Request) { r.Method = "CONNECT" },
		"Upgrade": func(r *http.Request) { r.Header.Set("Upgrade", "websocket"); r.Header.Set("Connection", "Upgrade") },
	} {
		for _, at := range []string{"http://api.test/x", "http://elsewhere.test/x"} {
			sent := false
			c := stubbed(t, "http://api.test", func(req *http.Request) (*http.Response, error) {
				sent = true
				return answer(req, 200, ""), nil
			})
			var bodies tally
			req, _ := http.NewRequest("POST", at, bodies.body("x"))
			change(req)
			err := closed(c.HTTPClient().Do(req))
			var refused *client.RequestError
			if !errors.As(err, &refused) || sent || bodies.open() != 0 {
				t.Errorf("%s to %s: %v, sent %t", name, at, err, sent)
			}
		}
	}
}

// What comes before an answer, and its header, have a bound.
func TestHeadersAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"a long header":      "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
		"many headers":       "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Short: x\r\n", 2<<20/12) + "\r\n",
		"many 103":           strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 2<<20/40),
		"many 100":           strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 2<<20/25),
		"a long status line": "HTTP/1.1 200 " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
	} {
		for how, do := range routes {
			at, ended := rawServer(t, text, 0)
			c, err := client.New(client.Config{BaseURL: at, Source: newSource(t, "tok-1"), Logger: new(logs).logger()})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := do(c, at); err == nil || time.Since(began) > 10*time.Second || len(err.Error()) > 2000 {
				t.Errorf("%s, %s: %.200v after %v", name, how, err, time.Since(began))
			}
			_ = c.Close()
			<-ended
		}
	}
}
