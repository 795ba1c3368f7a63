package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// hinting sends an interim answer before each answer, refuses the first token, and reads all.
type hinting struct{}

func (hinting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.Header().Set("Link", "</"+bearer+">; rel=preload")
	w.WriteHeader(http.StatusEarlyHints)
	w.Header().Del("Link")
	if bearer == "tok-1" {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// The caller's trace hears of both attempts, each of its interim answers among it, and an error
// that it returns for one is the request's, without a further attempt.
func TestTraceOfARetriedRequest(t *testing.T) {
	no := errors.New("no hints wanted")
	for _, w := range wires {
		for name, tt := range map[string]struct {
			refuse string // the Link at which the trace returns an error
			want   string
		}{
			"both":       {"", "conn first 103 conn first 103"},
			"the first":  {"</tok-1>; rel=preload", "conn first 103"},
			"the second": {"</tok-2>; rel=preload", "conn first 103 conn first 103"},
		} {
			t.Run(w.name+"/"+name, func(t *testing.T) {
				w.run(t, hinting{}, func(t *testing.T, n *wired) {
					var log told
					ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
						GotConn:              func(httptrace.GotConnInfo) { log.add("conn") },
						GotFirstResponseByte: func() { log.add("first") },
						Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
							if code != http.StatusEarlyHints {
								return nil
							}
							log.add("103")
							if tt.refuse != "" && h.Get("Link") == tt.refuse {
								return no
							}
							return nil
						},
					})
					source := newSource(t, "tok-1", "tok-2")
					defer source.Close()
					tr := &client.Transport{Source: source, Origin: parse(t, n.server.URL), Base: n.base, Logger: new(logs).logger()}
					req, err := http.NewRequestWithContext(ctx, "POST", n.server.URL, strings.NewReader("[1]"))
					if err != nil {
						t.Fatal(err)
					}
					resp, err := tr.RoundTrip(req)
					if err == nil {
						_ = resp.Body.Close()
					}
					if tt.refuse == "" && (err != nil || resp.StatusCode != 200) || tt.refuse != "" && (err == nil || !strings.Contains(err.Error(), no.Error()) || !errors.Is(err, client.ErrMaybeDone)) {
						t.Errorf("got %v", err)
					}
					if got := log.String(); got != tt.want {
						t.Errorf("the trace heard %q, want %q", got, tt.want)
					}
				})
			})
		}
	}
}

// told is what a trace heard, from several goroutines.
type told struct {
	mu     sync.Mutex
	events []string
}

func (l *told) add(event string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, event)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.events, " ")
}
