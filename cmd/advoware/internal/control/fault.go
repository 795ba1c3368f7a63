package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

var targets = map[string]clienttest.Target{
	"token": clienttest.TokenEndpoint, "api": clienttest.API, "discovery": clienttest.DiscoveryEndpoint,
}

func targetName(on clienttest.Target) string {
	for name, t := range targets {
		if t == on {
			return name
		}
	}
	return ""
}

func target(to *clienttest.Target) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		var name string
		err := json.Unmarshal(value, &name)
		on, ok := targets[name]
		if err != nil || !ok {
			return errors.New(`must be "token", "api" or "discovery"`)
		}
		*to = on
		return nil
	}
}

// addFault injects a fault: each member is the field of clienttest.Fault with that name.
func (s *Server) addFault(w http.ResponseWriter, r *http.Request) error {
	var f clienttest.Fault
	raw, err := strict.Read(w, r, strict.Members{"named": named(&f)}.With(faultMembers(new(clienttest.Fault))))
	if err != nil {
		return err
	}
	// What is named lies below the other members, wherever it stands among them.
	if err := (strict.Members{"named": ignore}.With(faultMembers(&f))).Decode(raw, ""); err != nil {
		return err
	}
	if err := checkFault(f); err != nil {
		return err
	}
	times := f.Times
	if times == 0 {
		times = 1
	}
	return s.inject(w, &s.faults, "faults", &injection{times: times, given: raw}, func() *clienttest.Injected { return s.fake.Inject(f) })
}

func (s *Server) inject(w http.ResponseWriter, n *injections, path string, i *injection, inject func() *clienttest.Injected) error {
	shown, err := n.add(i, inject)
	if err != nil {
		return err
	}
	w.Header().Set("Location", fmt.Sprintf("/%s/%s/%d", s.key, path, shown.ID))
	reply(w, http.StatusCreated, shown)
	return nil
}

func ignore(json.RawMessage) error { return nil }

func faultMembers(f *clienttest.Fault) strict.Members {
	return strict.Members{
		"on": target(&f.On), "match": &f.Match, "where": where(&f.Where), "times": &f.Times, "every": &f.Every,
		"delay": &f.Delay, "hang": &f.Hang, "reset": &f.Reset, "redirect_to": &f.RedirectTo, "malformed": &f.Malformed,
		"refusal": (*string)(&f.Refusal), "latin1": &f.Latin1, "status": &f.Status, "body": &f.Body, "header": &f.Header, "cut": &f.Cut,
	}
}

// checkFault reports what would be no answer in HTTP.
func checkFault(f clienttest.Fault) error {
	return cmp.Or(
		checkStatus(f.Status),
		check(f.Every < 0, "every must not be negative"),
		check(f.Delay < 0, "delay must not be negative"),
		check(strings.ContainsFunc(f.RedirectTo, func(r rune) bool { return r < ' ' || r == 0x7f }), "redirect_to has a control character"),
	)
}

func checkStatus(status int) error {
	return check(status != 0 && (status < 200 || status > 599), "status must be 200 to 599, or 0")
}

func check(wrong bool, text string) error {
	if wrong {
		return errors.New(text)
	}
	return nil
}

// addObserver counts requests without changing what becomes of them.
func (s *Server) addObserver(w http.ResponseWriter, r *http.Request) error {
	var f clienttest.Fault
	raw, err := strict.Read(w, r, strict.Members{"on": target(&f.On), "match": &f.Match, "where": where(&f.Where)})
	if err != nil {
		return err
	}
	counts := func(q *clienttest.Request) bool {
		return strings.HasPrefix(pathOf(q), f.Match) && (f.Where == nil || f.Where(q))
	}
	return s.inject(w, &s.observers, "observers", &injection{times: -1, given: raw}, func() *clienttest.Injected { return s.fake.Observe(f.On, counts) })
}
