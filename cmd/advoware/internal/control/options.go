package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

var shapes = []struct {
	name  string
	shape clienttest.Shape
}{
	{"both", clienttest.ShapeBoth}, {"expires-in", clienttest.ShapeExpiresIn}, {"fraction", clienttest.ShapeFraction},
	{"text", clienttest.ShapeText}, {"utc", clienttest.ShapeUTC}, {"no-zone", clienttest.ShapeNoZone}, {"none", clienttest.ShapeNone},
}

// options are those of the fake that are not secret. Times are in seconds.
type options struct {
	Lifetime     float64 `json:"lifetime"`
	TokenLatency float64 `json:"token_latency"`
	Latency      float64 `json:"latency"`
	Skew         float64 `json:"skew"`
	Shape        string  `json:"shape"`

	// These do not change while it runs.
	TimestampWindow float64 `json:"timestamp_window"`
	Strict          bool    `json:"strict"`
	Rows            int     `json:"rows"`
	Seed            uint64  `json:"seed"`
	BaseURL         string  `json:"base_url"`
	TokenURL        string  `json:"token_url"`
	DiscoveryURL    string  `json:"discovery_url"`
}

func (s *Server) shownOptions() options {
	o := s.fake.Options()
	shown := options{
		Lifetime: o.Lifetime.Seconds(), TokenLatency: o.TokenLatency.Seconds(), Latency: o.Latency.Seconds(), Skew: o.Skew.Seconds(),
		TimestampWindow: o.TimestampWindow.Seconds(), Strict: o.Strict, Rows: o.Rows, Seed: o.Seed,
		BaseURL: s.fake.BaseURL(), TokenURL: s.fake.TokenURL(), DiscoveryURL: s.fake.DiscoveryURL(),
	}
	for _, known := range shapes {
		if known.shape == o.Shape {
			shown.Shape = known.name
		}
	}
	return shown
}

func (s *Server) showOptions(w http.ResponseWriter, r *http.Request) error {
	reply(w, http.StatusOK, s.shownOptions())
	return nil
}

// changeOptions changes what can change while the fake runs: all that is named, or
// nothing if something is wrong.
func (s *Server) changeOptions(w http.ResponseWriter, r *http.Request) error {
	var changes []func()
	set := func(to func(time.Duration), negative bool) func(json.RawMessage) error {
		return func(value json.RawMessage) error {
			var d time.Duration
			if err := cmp.Or(strict.Duration(value, &d), check(d < 0 && !negative, "must not be negative")); d < 0 && !negative || err != nil {
				return err
			}
			changes = append(changes, func() { to(d) })
			return nil
		}
	}
	fixed := func(json.RawMessage) error { return errors.New("cannot change while the sandbox runs") }
	err := strict.Only(w, r, strict.Members{
		"lifetime": set(s.fake.SetLifetime, true), "token_latency": set(s.fake.SetTokenLatency, false),
		"latency": set(s.fake.SetLatency, false), "skew": set(s.fake.SetSkew, true),
		"shape": func(value json.RawMessage) error {
			var name string
			err := json.Unmarshal(value, &name)
			for _, known := range shapes {
				if err == nil && known.name == name {
					changes = append(changes, func() { s.fake.SetShape(known.shape) })
					return nil
				}
			}
			return fmt.Errorf("must be %s", shapeNames())
		},
		"timestamp_window": fixed, "strict": fixed, "rows": fixed, "seed": fixed, "base_url": fixed, "token_url": fixed, "discovery_url": fixed,
	})
	if err != nil {
		return err
	}
	for _, change := range changes {
		change()
	}
	reply(w, http.StatusOK, s.shownOptions())
	return nil
}

func shapeNames() string {
	names := ""
	for i, known := range shapes {
		switch {
		case i == len(shapes)-1:
			names += " or "
		case i > 0:
			names += ", "
		}
		names += fmt.Sprintf("%q", known.name)
	}
	return names
}

// issueToken issues a token of the fake's own identity, as if another program had fetched
// it.
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) error {
	if err := strict.Only(w, r, nil); err != nil {
		return err
	}
	reply(w, http.StatusCreated, map[string]string{"token": s.fake.Issue()})
	return nil
}

// revokeTokens ends one token, or all, and says whether the one was valid.
func (s *Server) revokeTokens(w http.ResponseWriter, r *http.Request) error {
	var token string
	var all bool
	err := strict.Only(w, r, strict.Members{"token": &token, "all": &all})
	if err = cmp.Or(err, check((token == "") == !all, `either token or "all": true is needed`)); err != nil {
		return err
	}
	revoked := true
	if all {
		s.fake.RevokeAll()
	} else {
		revoked = s.fake.Revoke(token)
	}
	reply(w, http.StatusOK, map[string]bool{"revoked": revoked})
	return nil
}

func (s *Server) showCounts(w http.ResponseWriter, r *http.Request) error {
	c := s.fake.Counts()
	reply(w, http.StatusOK, map[string]int{
		"token_requests": c.TokenRequests, "tokens_issued": c.TokensIssued, "tokens_refused": c.TokensRefused, "discovery_requests": c.DiscoveryRequests,
		"api_calls": c.APICalls, "unauthorized": c.Unauthorized, "faults": c.Faults, "connections": c.Connections,
	})
	return nil
}
