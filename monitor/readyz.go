package monitor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/advoware-go/advoware/client/status"
)

// officeReadiness is one office in the answer of /readyz.
type officeReadiness struct {
	Name  string       `json:"name"`
	Ready bool         `json:"ready"`
	State status.State `json:"state"`
	Why   string       `json:"why"`
}

// readyz says whether the process is ready, or, with ?office=NAME, whether one office is.
func (m *Monitor) readyz(w http.ResponseWriter, r *http.Request) {
	query, offices := r.URL.Query(), m.offices
	if query.Has("office") {
		if offices = m.named(query.Get("office")); offices == nil {
			fail(w, http.StatusNotFound, "no office has this name: /readyz?verbose lists them")
			return
		}
	}
	var all []seen
	if query.Has("office") || query.Has("verbose") || wantsJSON(r) {
		all = m.look(offices)
	} else {
		all = m.lookForReady()
	}
	m.askAll(all)
	answered := struct {
		Ready    bool              `json:"ready"`
		Draining bool              `json:"draining"`
		Offices  []officeReadiness `json:"offices"`
	}{Ready: m.ready(all), Draining: m.draining.Load()}
	for _, s := range all {
		answered.Offices = append(answered.Offices, officeReadiness{s.Name, s.ready.Ready, s.status.State, s.ready.Why})
	}
	code := http.StatusOK
	if !answered.Ready {
		code = http.StatusServiceUnavailable
	}
	if wantsJSON(r) {
		answerJSON(w, code, answered)
		return
	}
	var text strings.Builder
	if query.Has("verbose") {
		for _, o := range answered.Offices {
			fmt.Fprintf(&text, "[%s] %s: %s\n", map[bool]string{true: "+", false: "-"}[o.Ready], o.Name, o.Why)
		}
	}
	switch {
	case answered.Draining:
		text.WriteString("not ready: the process is ending\n")
	case answered.Ready:
		text.WriteString("ready\n")
	case len(all) == 1:
		fmt.Fprintf(&text, "not ready: %s\n", all[0].ready.Why)
	default:
		fmt.Fprintf(&text, "not ready: none of %d offices is\n", len(all))
	}
	answer(w, code, "text/plain; charset=utf-8", text.String())
}

// named returns the office of that name, nil if there is none.
func (m *Monitor) named(name string) []*office {
	for i := range m.offices {
		if m.offices[i].Name == name {
			return m.offices[i : i+1]
		}
	}
	return nil
}

// wantsJSON reports whether JSON was asked for by name.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), "application/json")
}

func answerJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil { // a year beyond 9999
		fail(w, http.StatusInternalServerError, "the status cannot be written as JSON")
		return
	}
	answer(w, code, "application/json", string(body)+"\n")
}
