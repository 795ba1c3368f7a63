package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/store"
)

// spy is the transport below the client: it marks requests, and reports each token that is
// used, and each that the API refuses, for the first time.
type spy struct {
	name     string
	base     *http.Transport
	gateway  *http.Transport // for token requests
	tokenURL string
	tell     func(event chaos.Event, fingerprint string)
	seen     sync.Map       // the events that were written
	history  *chaos.History // of token requests, nil for none
}

// newSpy returns a spy. It sends token requests to the address via, if that is not empty, and
// not to that of their URL.
func newSpy(name, tokenURL, via string, tell func(event chaos.Event, fingerprint string)) *spy {
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
	bearer := req.Header.Get("Authorization")
	s.once(chaos.Token, bearer)
	marked := req.Clone(req.Context())
	marked.Header.Set(chaos.WorkerHeader, s.name)
	switch {
	case req.URL.String() != s.tokenURL:
		resp, err := s.base.RoundTrip(marked)
		if err == nil && resp.StatusCode == http.StatusUnauthorized {
			s.once(chaos.Refused, bearer)
		}
		return resp, err
	case s.history == nil:
		return s.gateway.RoundTrip(marked)
	}
	id := s.history.Begin(chaos.Entry{Kind: chaos.FetchOp})
	marked.Header.Set(chaos.FetchHeader, strconv.Itoa(id))
	resp, token, err := s.fetch(marked)
	done := chaos.Entry{Kind: chaos.FetchOp, Token: token, Error: text(err)}
	if err == nil && token == "" {
		done.Error = "an answer without a token: " + resp.Status
	}
	s.history.End(id, done)
	return resp, err
}

// once reports an event about the token in a value of Authorization, the first time.
func (s *spy) once(event chaos.Event, bearer string) {
	if bearer == "" {
		return
	}
	if _, known := s.seen.LoadOrStore(string(event)+" "+bearer, true); !known {
		s.tell(event, fingerprint(strings.TrimPrefix(bearer, "Bearer ")))
	}
}

// fetch sends a token request, and returns the answer when it is there, with the token that
// is in it.
func (s *spy) fetch(req *http.Request) (resp *http.Response, token string, err error) {
	if resp, err = s.gateway.RoundTrip(req); err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, "", err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Token == "" {
		return resp, "", nil
	}
	return resp, fingerprint(answer.Token), nil
}

func fingerprint(text string) string {
	tok, err := store.NewToken(text, time.Time{}, time.Time{})
	if err != nil {
		return err.Error()
	}
	return tok.Fingerprint()
}
