package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// route is one path below the key, and what its methods do. A segment {id} is any text.
type route struct {
	path    string
	methods map[string]action
	queried bool // the actions look at the query; that of others is refused
}

// action serves one request. An error is answered as a problem, unless the answer has
// begun.
type action func(w http.ResponseWriter, r *http.Request) error

func (s *Server) table() []route {
	type on = map[string]action
	return []route{
		{"requests", on{"GET": s.listRequests}, true},
		{"requests/follow", on{"GET": s.followRequests}, true},
		{"counts", on{"GET": s.showCounts}, false},
		{"named", on{"GET": s.listNamed}, false},
		{"faults", on{"GET": s.faults.list, "POST": s.addFault, "DELETE": s.clear(&s.faults)}, false},
		{"faults/{id}", on{"GET": s.faults.show, "DELETE": s.faults.remove}, false},
		{"faults/{id}/wait", on{"GET": s.wait(&s.faults)}, true},
		{"observers", on{"GET": s.observers.list, "POST": s.addObserver, "DELETE": s.clear(&s.observers)}, false},
		{"observers/{id}", on{"GET": s.observers.show, "DELETE": s.observers.remove}, false},
		{"observers/{id}/wait", on{"GET": s.wait(&s.observers)}, true},
		{"tokens", on{"POST": s.issueToken}, false},
		{"tokens/revoke", on{"POST": s.revokeTokens}, false},
		{"options", on{"GET": s.showOptions, "PATCH": s.changeOptions}, false},
		{"identities", on{"GET": s.listIdentities, "POST": s.addIdentity}, false},
		{"connectors", on{"GET": s.listConnectors, "POST": s.addConnector}, false},
		{"connectors/move", on{"POST": s.moveConnector}, false},
		{"connectors/close", on{"POST": s.closeConnector}, false},
		{"connectors/open", on{"POST": s.openConnector}, false},
		{"discovery", on{"GET": s.showDiscovery, "PUT": s.setDiscovery}, true},
	}
}

// ServeHTTP is the one way of every request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * sendTime)) // the first is for the body to arrive
	protect(w.Header())
	path, err := s.admit(r)
	switch {
	case errors.Is(err, errNoSlash):
		http.Redirect(w, r, "/"+s.key+"/", http.StatusTemporaryRedirect)
		return
	case err == nil && (path == "" || path == "page.css" || path == "page.js"):
		r.URL.Path = "/" + path
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			s.page.ServeHTTP(w, r)
			return
		}
		err = notAllowed(w, "GET")
	case err == nil:
		err = s.act(w, r, path)
	}
	if err == nil {
		return
	}
	p, ok := errors.AsType[*strict.Problem](err)
	if !ok {
		p = &strict.Problem{Status: http.StatusBadRequest, Text: err.Error()}
	}
	reply(w, p.Status, map[string]string{"error": p.Text})
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, path string) error {
	for _, route := range s.routes {
		if !route.matches(r, path) {
			continue
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		act := route.methods[method]
		if act == nil {
			var allowed []string
			for m := range route.methods {
				allowed = append(allowed, m)
			}
			return notAllowed(w, allowed...)
		}
		if !route.queried {
			if err := strict.Query(r, strict.Members{}); err != nil {
				return err
			}
		}
		return act(w, r)
	}
	return strict.Refusef(http.StatusNotFound, "there is no %s; see docs/sandbox.md for what there is", strict.Cut(path))
}

// matches reports whether a path is that of the route, and sets the path value id.
func (r route) matches(req *http.Request, path string) bool {
	want, got := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (want[i] != "{id}" || got[i] == "") {
			return false
		}
	}
	for i := range want {
		if want[i] == "{id}" {
			req.SetPathValue("id", got[i])
		}
	}
	return true
}

// notAllowed refuses a method and names those that are served.
func notAllowed(w http.ResponseWriter, methods ...string) error {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return strict.Refusef(http.StatusMethodNotAllowed, "the method must be one of %s", strings.Join(methods, ", "))
}

// errNoSlash is an address that ends with the key: what is below it would not be found
// from there.
var errNoSlash = errors.New("no slash after the key")

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // it fails if the client has left
}
