package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/store"
)

// spy is the transport below the client: it marks requests, and reports each token that is
// used for the first time.
type spy struct {
	name     string
	base     *http.Transport
	gateway  *http.Transport // for token requests
	tokenURL string
	tell     func(fingerprint string)
	seen     sync.Map // values of Authorization
}

// newSpy returns a spy. It sends token requests to the address via, if that is not empty, and
// not to that of their URL.
func newSpy(name, tokenURL, via string, tell func(fingerprint string)) *spy {
	s := &spy{
		name: name, tokenURL: tokenURL, tell: tell,
		base: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute},
	}
	s.gateway = s.base
	if via != "" {
		s.gateway = s.base.Clone()
		s.gateway.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, via)
		}
	}
	return s
}

// RoundTrip implements http.RoundTripper.
func (s *spy) RoundTrip(req *http.Request) (*http.Response, error) {
	if bearer := req.Header.Get("Authorization"); bearer != "" {
		if _, known := s.seen.LoadOrStore(bearer, true); !known {
			s.tell(fingerprint(strings.TrimPrefix(bearer, "Bearer ")))
		}
	}
	marked := req.Clone(req.Context())
	marked.Header.Set(chaos.WorkerHeader, s.name)
	if req.URL.String() == s.tokenURL {
		return s.gateway.RoundTrip(marked)
	}
	return s.base.RoundTrip(marked)
}

func fingerprint(text string) string {
	tok, err := store.NewToken(text, time.Time{}, time.Time{})
	if err != nil {
		return err.Error()
	}
	return tok.Fingerprint()
}
