package status

import (
	"encoding/json"
	"net/http"
)

// Handler serves what of returns as JSON, with status 200 if the token is valid or a call
// would get one, and 503 if it is too early for another attempt or the client is closed. It
// answers GET and HEAD. Anybody who reaches it sees the state, the fingerprint of the token
// and the reason of failures, so serve it where only your own people are.
//
//	mux.Handle("GET /status", status.Handler(client.Status))
func Handler(of func() Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are served", http.StatusMethodNotAllowed)
			return
		}
		s := of()
		body, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if !s.Ready() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(append(body, '\n'))
	})
}

// Ready reports whether the next call gets a token at once or may request one.
func (t Token) Ready() bool { return t.State != Failed && t.State != Closed }
