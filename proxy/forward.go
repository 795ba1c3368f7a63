package proxy

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"os"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/quiet"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// exchange is one request and what becomes of it.
type exchange struct {
	proxy  *Proxy
	office *office // nil until it is known
	out    *writer
	began  time.Time
	method string

	upload  *upload      // nil without a body
	watch   *quiet.Watch // over what the office does
	watched context.Context
}

// forward passes a request on.
func (x *exchange) forward(r *http.Request, to target) {
	ctx, watch := quiet.New(roundtrip.Passing(r.Context()), x.proxy.cfg.OfficeStall)
	defer watch.End()
	x.watch, x.watched, x.method = watch, ctx, r.Method
	moved := func() { watch.Wait() } // and from now on the time begins anew
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:        func(httptrace.GotConnInfo) { moved() },
		Got1xxResponse: func(int, textproto.MIMEHeader) error { moved(); return nil },
	})
	watch.Wait()
	in := r.WithContext(ctx)
	if in.Body != nil && in.Body != http.NoBody {
		x.upload = &upload{ReadCloser: in.Body, out: x.out, trailer: r.Trailer}
		in.Body = watch.Upload(x.upload)
	}
	reverse := httputil.ReverseProxy{
		Rewrite:        func(pr *httputil.ProxyRequest) { rewrite(pr, to) },
		Transport:      x.office.transport,
		ModifyResponse: func(resp *http.Response) error { return x.answered(resp, to) },
		ErrorHandler:   func(_ http.ResponseWriter, _ *http.Request, err error) { x.failed(r, err) },
		FlushInterval:  flushAfter,
		BufferPool:     buffers,
		ErrorLog:       silent, // what it quotes may be secret
	}
	reverse.ServeHTTP(x.out, in)
}

// flushAfter is how long a part of an answer may wait for the next one. Most answers are there
// as a whole by then, and leave in one write. ReverseProxy does not wait if the length is not
// known, nor with events; and to flush at once makes a goroutine and a write for the header alone.
const flushAfter = 2 * time.Millisecond

var silent = log.New(io.Discard, "", 0)

// rewrite makes the request to the office. What is of the caller's way here does not go on:
// Authorization, which the transport replaces, the key, and where the caller is.
func rewrite(pr *httputil.ProxyRequest, to target) {
	pr.Out.URL, pr.Out.Host = to.url, ""
	pr.Out.Header.Del(KeyHeader)
	for name := range pr.Out.Header {
		if isForwarded(name) {
			delete(pr.Out.Header, name)
		}
	}
	pr.Out.Header.Del("Upgrade")
	if pr.Out.Header.Get("Connection") == "Upgrade" { // what is left of an offer of HTTP/2
		pr.Out.Header.Del("Connection")
	}
	withoutOwn(pr.In.Trailer)
	pr.Out.Trailer = pr.In.Trailer // the map that is filled in at the end of the body
}

// answered prepares the answer of an office.
func (x *exchange) answered(resp *http.Response, to target) error {
	x.watch.Answer()
	if x.office.Answered != nil {
		x.office.Answered(time.Since(x.began))
	}
	resp.Body = &download{resp.Body, x.watch, x.out, resp}
	withoutVerdict(resp.Header)
	withoutVerdict(resp.Trailer)
	return x.office.relocate(resp, to)
}

// failed answers in place of an office.
func (x *exchange) failed(r *http.Request, err error) {
	slow := x.upload.problem() // net/http takes that for a client that has left
	if r.Context().Err() != nil && (slow == nil || slow.Kind != SlowClient) {
		x.log(r, &failure{Kind: ClientLeft, cause: err})
		panic(http.ErrAbortHandler)
	}
	x.answer(r, x.failureOf(err))
}

// buffers are for bodies on their way.
var buffers = new(bufferPool)

type bufferPool struct{ pool sync.Pool }

// Get implements httputil.BufferPool.
func (b *bufferPool) Get() []byte {
	if p, ok := b.pool.Get().(*[32 << 10]byte); ok {
		return p[:]
	}
	return new([32 << 10]byte)[:]
}

// Put implements httputil.BufferPool.
func (b *bufferPool) Put(p []byte) { b.pool.Put((*[32 << 10]byte)(p)) }

// download is the body of an answer, whose arrival is watched.
type download struct {
	io.ReadCloser
	watch *quiet.Watch
	out   *writer
	resp  *http.Response
}

func (d *download) Read(p []byte) (int, error) {
	d.watch.Wait()
	n, err := d.ReadCloser.Read(p)
	d.watch.Moved()
	if err != nil && err != io.EOF { // the connection is cut off: what came goes first
		_ = d.out.FlushError()
	}
	if err == io.EOF { // the trailers are there
		withoutVerdict(d.resp.Trailer)
	}
	return n, err
}

// upload is the body of a request, each of whose reads is bounded.
type upload struct {
	io.ReadCloser
	out     *writer
	trailer http.Header // filled in at the end

	mu  sync.Mutex
	err error // what a read met, but for the end
}

func (u *upload) Read(p []byte) (int, error) {
	u.out.beforeRead()
	n, err := u.ReadCloser.Read(p)
	if err != nil {
		if err == io.EOF {
			withoutOwn(u.trailer)
			u.out.afterBody()
		} else {
			u.mu.Lock()
			u.err = err
			u.mu.Unlock()
			u.out.pending.Store(false) // nothing more is waited for
		}
	}
	return n, err
}

// problem returns why the client is to blame for a failure, nil if it is not.
func (u *upload) problem() *failure {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	err := u.err
	u.mu.Unlock()
	var tooLong *http.MaxBytesError
	switch {
	case err == nil || errors.As(err, &tooLong):
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &failure{Kind: SlowClient, message: "the body of the request did not arrive", cause: err}
	}
	return &failure{Kind: BadRequest, message: "the body of the request cannot be read", cause: err}
}
