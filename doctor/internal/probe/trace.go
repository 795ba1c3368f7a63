package probe

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// seen is what became of a request so far.
type seen struct {
	began, named, connected, secured bool
	addr                             string
	wrote, answered                  time.Time
}

// trace has net/http tell what happens, on goroutines of its own, and after its return too.
type trace struct {
	mu sync.Mutex
	seen
}

func (t *trace) now() seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen
}

func (t *trace) locked(change func(*seen)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.seen)
}

// in returns a context for a request that is traced.
func (t *trace) in(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.locked(func(s *seen) { s.began = true }) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			t.locked(func(s *seen) { s.named = s.named || i.Err == nil })
		},
		ConnectStart: func(string, string) { t.locked(func(s *seen) { s.named = true }) },
		ConnectDone: func(_, addr string, err error) {
			t.locked(func(s *seen) {
				if err == nil {
					s.connected, s.addr = true, addr
				}
			})
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			t.locked(func(s *seen) { s.secured = s.secured || err == nil })
		},
		GotConn:      func(httptrace.GotConnInfo) { t.locked(func(s *seen) { s.connected, s.secured = true, true }) },
		WroteRequest: func(httptrace.WroteRequestInfo) { t.locked(func(s *seen) { s.wrote = time.Now() }) },
		GotFirstResponseByte: func() {
			t.locked(func(s *seen) { s.answered = time.Now() })
		},
	})
}
