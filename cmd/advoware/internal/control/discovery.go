package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// discovery is how the fake answers for a Kanzlei.
type discovery struct {
	Kanzlei string         `json:"kanzlei"`
	Answer  map[string]any `json:"answer"`
	Status  int            `json:"status,omitempty"`
	Header  http.Header    `json:"header,omitempty"`
	Body    *string        `json:"body,omitempty"`
	Delay   float64        `json:"delay,omitempty"` // seconds
}

func (s *Server) shownDiscovery(kanzlei string) discovery {
	d := s.fake.Discovery(kanzlei)
	shown := discovery{Kanzlei: kanzlei, Answer: make(map[string]any), Status: d.Status, Header: d.Header, Delay: d.Delay.Seconds()}
	for name, value := range map[string]any{"relayUrl": d.RelayURL, "connectorUrl": d.ConnectorURL, "securityGateway": d.SecurityGateway} {
		if value != clienttest.Absent {
			shown.Answer[name] = value
		}
	}
	if d.Body != nil {
		shown.Body = new(string(d.Body))
	}
	return shown
}

func (s *Server) showDiscovery(w http.ResponseWriter, r *http.Request) error {
	var kanzlei string
	err := strict.Query(r, strict.Members{"kanzlei": &kanzlei})
	if err = cmp.Or(err, check(kanzlei == "", "kanzlei is missing")); err != nil {
		return err
	}
	reply(w, http.StatusOK, s.shownDiscovery(kanzlei))
	return nil
}

// setDiscovery sets how the fake answers for a Kanzlei. Without answer the members stay;
// all else that is absent is as it is by itself.
func (s *Server) setDiscovery(w http.ResponseWriter, r *http.Request) error {
	var kanzlei string
	var answer, body json.RawMessage
	var d clienttest.Discovery
	keep := func(to *json.RawMessage) func(json.RawMessage) error {
		return func(value json.RawMessage) error { *to = value; return nil }
	}
	err := cmp.Or(strict.Query(r, strict.Members{}), strict.Only(w, r, strict.Members{
		"kanzlei": &kanzlei, "answer": keep(&answer), "status": &d.Status, "header": &d.Header, "body": keep(&body), "delay": &d.Delay,
	}))
	if err = cmp.Or(err, check(kanzlei == "", "kanzlei is missing"), checkStatus(d.Status), check(d.Delay < 0, "delay must not be negative")); err != nil {
		return err
	}
	if body != nil && string(body) != "null" {
		var text string
		if json.Unmarshal(body, &text) != nil {
			return errors.New("body must be text")
		}
		d.Body = []byte(text)
	}
	s.offices.mu.Lock()
	defer s.offices.mu.Unlock()
	now := s.fake.Discovery(kanzlei)
	d.RelayURL, d.ConnectorURL, d.SecurityGateway = now.RelayURL, now.ConnectorURL, now.SecurityGateway
	if answer != nil {
		d.RelayURL, d.ConnectorURL, d.SecurityGateway = clienttest.Absent, clienttest.Absent, clienttest.Absent
		to := func(to *any) func(json.RawMessage) error {
			return func(value json.RawMessage) error { *to = value; return nil }
		}
		err := strict.Members{"relayUrl": to(&d.RelayURL), "connectorUrl": to(&d.ConnectorURL), "securityGateway": to(&d.SecurityGateway)}.Decode(answer, "answer.")
		if err != nil {
			return err
		}
	}
	if !s.offices.discovered[kanzlei] {
		if len(s.offices.discovered) >= maxListed {
			return strict.Refusef(http.StatusConflict, "%d Kanzleien have a discovery of their own already", maxListed)
		}
		if s.offices.discovered == nil {
			s.offices.discovered = make(map[string]bool)
		}
		s.offices.discovered[kanzlei] = true
	}
	s.fake.SetDiscovery(kanzlei, d)
	reply(w, http.StatusOK, s.shownDiscovery(kanzlei))
	return nil
}
