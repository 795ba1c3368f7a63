package clienttest

import (
	"bytes"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// discoveryPath is where the vendor answers which addresses a Kanzlei has (vendor's
// help pages: AdvonetConfigurator).
const discoveryPath = "/AdvonetConfigurator/api/Url"

// Discovery is how the fake answers which addresses a Kanzlei has: a JSON object with
// the members relayUrl, connectorUrl and securityGateway, or any other answer.
type Discovery struct {
	// RelayURL, ConnectorURL and SecurityGateway are the members. Nil, the zero value,
	// is null; [Absent] leaves the member out; "", other texts, numbers and whatever
	// else encoding/json writes stand as they are.
	RelayURL, ConnectorURL, SecurityGateway any

	// Status is the status; 0 means 200.
	Status int
	// Header is set in the answer. Its Content-Type is JSON unless Header says
	// otherwise.
	Header http.Header
	// Body, unless it is nil, is the body in place of the object. One that is not nil
	// and has no bytes is an empty body.
	Body []byte
	// Delay is how long the answer waits. It ends when the client leaves or the server
	// closes.
	Delay time.Duration
}

// Absent is a member of [Discovery] that is not there.
var Absent any = absent{}

type absent struct{}

// DiscoveryURL returns the address that is asked which addresses a Kanzlei has, without
// the query Kanzlei=.
func (s *Server) DiscoveryURL() string {
	return s.base.ResolveReference(&url.URL{Path: discoveryPath}).String()
}

// SetDiscovery changes how the fake answers for a Kanzlei, known or not, from now on. It
// panics if a member is nothing that encoding/json can write, and if d.Status is neither
// 0 nor from 200 to 999.
//
// Without it a Kanzlei that may fetch tokens has BaseURL as its relayUrl, null or the URL
// of its Connector as its connectorUrl, and the root of this server, below which TokenURL is, as its
// securityGateway. Any other Kanzlei is answered with 404 and a problem in JSON; what
// the vendor answers there is not known.
func (s *Server) SetDiscovery(kanzlei string, d Discovery) {
	d.Header, d.Body = d.Header.Clone(), bytes.Clone(d.Body)
	checkStatus(d.Status)
	d.object() // panics here and not while it serves
	s.discovery.mu.Lock()
	defer s.discovery.mu.Unlock()
	if s.discovery.set == nil {
		s.discovery.set = make(map[string]Discovery)
	}
	s.discovery.set[kanzlei] = d
}

// Discovery returns how the fake answers for a Kanzlei at present, to be changed and
// given to SetDiscovery.
func (s *Server) Discovery(kanzlei string) Discovery {
	s.discovery.mu.Lock()
	d, ok := s.discovery.set[kanzlei]
	s.discovery.mu.Unlock()
	if ok {
		d.Header, d.Body = d.Header.Clone(), bytes.Clone(d.Body)
		return d
	}
	connector := s.connectors.of(kanzlei)
	if connector != nil || s.gateway.Knows(kanzlei) {
		d = Discovery{RelayURL: s.BaseURL(), SecurityGateway: s.base.ResolveReference(&url.URL{Path: "/"}).String()}
		if connector != nil {
			d.ConnectorURL = connector.URL()
		}
		return d
	}
	a := answer.Refusal(http.StatusNotFound, "Kanzlei", "Die Kanzlei ist nicht registriert.")
	return Discovery{Status: a.Status, Header: a.Header, Body: a.Body}
}

type discovery struct {
	mu  sync.Mutex
	set map[string]Discovery
}

// discover answers a request and says how long the answer waits.
func (s *Server) discover(r *http.Request) (*answer.Answer, time.Duration) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return answer.MethodNotAllowed(http.MethodGet, http.MethodHead), 0
	}
	kanzlei := r.URL.Query()["Kanzlei"]
	if len(kanzlei) != 1 {
		return answer.Refusal(http.StatusBadRequest, "Kanzlei", "Der Parameter Kanzlei muss genau einmal angegeben sein."), 0
	}
	d := s.Discovery(kanzlei[0])
	a := &answer.Answer{Status: d.Status, Header: http.Header{"Content-Type": {answer.JSONType}}, Body: d.Body}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Body == nil {
		a.Body = d.object()
	}
	for name, values := range d.Header {
		a.Header[http.CanonicalHeaderKey(name)] = values
	}
	return a, max(0, d.Delay)
}

// object is the JSON of the members.
func (d Discovery) object() []byte {
	var members []answer.Member
	for _, m := range []answer.Member{{Name: "relayUrl", Value: d.RelayURL}, {Name: "connectorUrl", Value: d.ConnectorURL}, {Name: "securityGateway", Value: d.SecurityGateway}} {
		if m.Value != Absent {
			members = append(members, m)
		}
	}
	return answer.Object(members)
}
