package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// namedFault is a fault that is injected by its name: {"named": "gateway-down"}.
type namedFault struct {
	Name  string          `json:"name"`
	Title string          `json:"title"`
	Fault json.RawMessage `json:"fault"`
}

// namedFaults are the usual ones, in the order in which the page shows them.
var namedFaults = func() []namedFault {
	all := []namedFault{
		{"gateway-down", "Gateway down: 503", json.RawMessage(`{"on":"token","status":503}`)},
		{"gateway-slow", "Gateway slow: 5 s", json.RawMessage(`{"on":"token","delay":5}`)},
		{"gateway-hang", "Gateway hangs", json.RawMessage(`{"on":"token","hang":true}`)},
		{"gateway-reset", "Gateway resets the connection", json.RawMessage(`{"on":"token","reset":true}`)},
		{"gateway-malformed", "Gateway answers broken JSON", json.RawMessage(`{"on":"token","malformed":true}`)},
	}
	for _, r := range clienttest.Refusals() {
		fault := fmt.Appendf(nil, `{"on":"token","refusal":%q}`, r)
		all = append(all, namedFault{string(r), "Gateway: " + strings.ReplaceAll(string(r), "-", " "), fault})
	}
	return append(all,
		namedFault{"api-401", "API refuses the token: 401", json.RawMessage(`{"on":"api","status":401}`)},
		namedFault{"api-403", "API: 403", json.RawMessage(`{"on":"api","status":403}`)},
		namedFault{"api-500", "API: 500", json.RawMessage(`{"on":"api","status":500}`)},
		namedFault{"api-slow", "API slow: 5 s", json.RawMessage(`{"on":"api","delay":5}`)},
		namedFault{"api-hang", "API hangs", json.RawMessage(`{"on":"api","hang":true}`)},
		namedFault{"api-cut", "API cuts the answer", json.RawMessage(`{"on":"api","cut":true}`)},
		namedFault{"api-reset", "API resets the connection", json.RawMessage(`{"on":"api","reset":true}`)},
		namedFault{"api-redirect", "API redirects elsewhere", json.RawMessage(`{"on":"api","redirect_to":"http://127.0.0.1:9/elsewhere"}`)},
		namedFault{"discovery-down", "Discovery down: 503", json.RawMessage(`{"on":"discovery","status":503}`)},
		namedFault{"discovery-hang", "Discovery hangs", json.RawMessage(`{"on":"discovery","hang":true}`)},
		namedFault{"discovery-html", "Discovery answers HTML", json.RawMessage(`{"on":"discovery","body":"<html>","header":{"Content-Type":"text/html"}}`)},
	)
}()

func (s *Server) listNamed(w http.ResponseWriter, r *http.Request) error {
	reply(w, http.StatusOK, namedFaults)
	return nil
}

// named reads the name of a fault, and sets its members.
func named(f *clienttest.Fault) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		var name string
		err := strict.Value(value, &name)
		at := slices.IndexFunc(namedFaults, func(n namedFault) bool { return n.Name == name })
		if err != nil || at < 0 {
			var names []string
			for _, n := range namedFaults {
				names = append(names, n.Name)
			}
			return fmt.Errorf("must be one of %s", strings.Join(names, ", "))
		}
		return faultMembers(f).Decode(namedFaults[at].Fault, "")
	}
}
