package main

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/chaos"
	"github.com/advoware-go/advoware/store"
)

// spy is the transport below the client: it marks what is sent, and tells of each
// token that is used for the first time.
type spy struct {
	name string
	base http.RoundTripper
	tell func(fingerprint string)
	seen sync.Map // values of Authorization
}

func newSpy(name string, tell func(fingerprint string)) *spy {
	return &spy{
		name: name, tell: tell,
		base: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute},
	}
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
	return s.base.RoundTrip(marked)
}

func fingerprint(text string) string {
	tok, err := store.NewToken(text, time.Time{}, time.Time{})
	if err != nil {
		return err.Error()
	}
	return tok.Fingerprint()
}
