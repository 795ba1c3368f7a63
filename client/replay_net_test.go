package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/store"
)

// wire is a way from client to server: a protocol, on sockets or in memory. What
// runs in memory runs in a bubble, which ends only when every goroutine has.
type wire struct {
	name   string
	memory bool
	http2  bool
}

var wires = []wire{
	{"HTTP1 in memory", true, false}, {"HTTP1 on loopback", false, false},
	{"HTTP2 in memory", true, true}, {"HTTP2 on loopback", false, true},
}

// run runs a test with a server on the wire; it ends with everything closed.
func (w wire) run(t *testing.T, h http.Handler, f func(t *testing.T, n *wired)) {
	run := func(t *testing.T) {
		n := w.start(t, h)
		defer n.stop()
		f(t, n)
	}
	if w.memory {
		synctest.Test(t, run)
	} else {
		run(t)
	}
}

// wired is a server with a transport that reaches it.
type wired struct {
	wire
	server *httptest.Server
	base   *http.Transport
	conns  atomic.Int32
}

func (w wire) start(t *testing.T, h http.Handler) *wired {
	n := &wired{wire: w, server: &httptest.Server{EnableHTTP2: w.http2, Config: &http.Server{Handler: h}}}
	n.base = &http.Transport{ForceAttemptHTTP2: w.http2, ExpectContinueTimeout: time.Hour}
	var err error
	if w.memory {
		network := new(pipenet.Network)
		n.base.DialContext = network.DialContext
		n.server.Listener, err = network.Listen("example.com:443") // the name in the certificate of httptest
	} else {
		n.server.Listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	n.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n.conns.Add(1)
		}
	}
	n.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if !w.http2 {
		n.server.Start()
		return n
	}
	n.server.StartTLS()
	n.base.TLSClientConfig = n.server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	return n
}

func (n *wired) stop() {
	n.base.CloseIdleConnections()
	n.server.Close()
}

// attempt is a request as it reached the server.
type attempt struct {
	Bearer   string
	Proto    int
	Length   int64 // as declared, -1 if it was not
	Encoding string
	Body     string
}

// gate refuses the first token and takes every other.
type gate struct {
	reads    int64           // how much of a refused body it reads; negative: all
	takes    int64           // how much of an accepted one; 0: all
	late     bool            // a body that was read is refused a moment later
	after    <-chan struct{} // it refuses after this
	mu       sync.Mutex
	attempts []attempt
}

// refusalText is longer than what net/http reads along with the header.
var refusalText = strings.Repeat("this token is not good any more; ", 1000)

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex() // or an answer waits for the body
	a := attempt{r.Header.Get("Authorization"), r.ProtoMajor, r.ContentLength, strings.Join(r.TransferEncoding, ","), ""}
	refused, reads := a.Bearer == "Bearer tok-1", int64(-1)
	if refused {
		reads = g.reads
	} else if g.takes > 0 {
		reads = g.takes
	}
	if reads < 0 {
		reads = 1 << 40
	}
	if reads > 0 {
		body, err := io.ReadAll(io.LimitReader(r.Body, reads))
		a.Body = string(body)
		if err != nil {
			a.Body += "… " + err.Error()
		}
	}
	g.mu.Lock()
	g.attempts = append(g.attempts, a)
	g.mu.Unlock()
	if refused && g.after != nil {
		<-g.after
	}
	if refused && g.late && g.reads < 0 {
		time.Sleep(time.Millisecond) // in a bubble, until the client has done all it had to
	}
	if refused {
		if g.reads >= 0 && r.ProtoMajor == 1 {
			w.Header().Set("Connection", "close") // as a server says that does not read on
		}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, refusalText)
	} else {
		_, _ = io.WriteString(w, "taken")
	}
}

// tracked is a body that counts.
type tracked struct {
	r      io.Reader
	closed atomic.Int32
	late   atomic.Bool // it was read after it was closed
}

func (b *tracked) Read(p []byte) (int, error) {
	if b.closed.Load() > 0 {
		b.late.Store(true)
	}
	return b.r.Read(p)
}

func (b *tracked) Close() error {
	b.closed.Add(1)
	if c, ok := b.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// seekable is a tracked body that can seek too.
type seekable struct {
	*tracked
	io.Seeker
}

// pattern tells each of its bytes from its neighbours.
func pattern(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13)
	}
	return string(b)
}

// endless is pattern without an end.
type endless struct{ at int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e.at*7 + e.at>>8*13)
		e.at++
	}
	return len(p), nil
}

// blocked is a source that has a text and then waits for more until it is closed.
type blocked struct {
	text    string
	waiting chan struct{} // closed when a Read waits
	closed  chan struct{}
}

func (b *blocked) Read(p []byte) (int, error) {
	if b.text == "" {
		close(b.waiting)
		<-b.closed
		return 0, io.ErrClosedPipe
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *blocked) Close() error { close(b.closed); return nil }

// lastToken returns a Source that has one token, and fails to fetch another.
func lastToken(t *testing.T) *token.Source {
	t.Helper()
	var fetched atomic.Bool
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: storeKey, OneShot: true, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) {
			if fetched.Swap(true) {
				return store.Token{}, errors.New("the gateway is down")
			}
			return store.NewToken("tok-1", time.Now(), time.Now().Add(time.Hour))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// onlySeeker hides all of a bytes.Reader but what a seekable body shows.
func onlySeeker(text string) io.ReadCloser {
	r := bytes.NewReader([]byte(text))
	return seekable{&tracked{r: r}, r}
}
