package monitor

import (
	"io"
	"net/http"
)

// ServeHTTP answers the five addresses in the comment of the package. Below a prefix it is served
// by http.StripPrefix; the addresses of probes and of Prometheus may be registered one by one as well.
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	serve := map[string]http.HandlerFunc{
		"/livez": m.livez, "/readyz": m.readyz, "/metrics": m.metrics, "/debug/status": m.debugStatus, "/": m.page,
	}[r.URL.Path]
	switch refusal := m.refusal(r); {
	case refusal != nil:
		fail(w, refusal.status, refusal.text)
	case serve == nil:
		fail(w, http.StatusNotFound, "there is /livez, /readyz, /metrics, /debug/status and /")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "only GET and HEAD are served")
	default:
		serve(w, r)
	}
}

func fail(w http.ResponseWriter, status int, text string) {
	answer(w, status, "text/plain; charset=utf-8", text+"\n")
}

// answer writes an answer as a whole; net/http drops the body of one to HEAD.
func answer(w http.ResponseWriter, status int, kind, body string) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (m *Monitor) livez(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "text/plain; charset=utf-8", "ok\n")
}
