package proxy

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// The headers that only an answer of the proxy itself has, since an office cannot set them: its
// Kind, and what became of the request.
const (
	errorHeader   = "Advoware-Proxy-Error"
	outcomeHeader = "Advoware-Proxy-Outcome"
)

// errorBody is an answer of the proxy itself.
type errorBody struct {
	Error struct {
		Kind    Kind   `json:"kind"`
		Message string `json:"message"`
		Office  string `json:"office,omitempty"`
		Reason  string `json:"reason,omitempty"`  // a word of package reason
		Outcome string `json:"outcome,omitempty"` // not_sent or maybe_done; absent for a read that was sent
	} `json:"error"`
}

// answer writes a failure.
func (x *exchange) answer(r *http.Request, f *failure) {
	if x.watch == nil { // it was not passed on yet
		f.outcome = notSent
	}
	x.log(r, f)
	var body errorBody
	e := &body.Error
	e.Kind, e.Message, e.Reason, e.Outcome = f.Kind, f.message, f.reason.Word(), f.outcome
	if x.office != nil {
		e.Office = x.office.Name
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body)
	h := x.out.Header()
	clear(h) // of what was prepared for another answer
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(text.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set(errorHeader, string(f.Kind))
	if f.outcome != "" {
		h.Set(outcomeHeader, f.outcome)
	}
	if f.after > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((f.after+time.Second-1)/time.Second), 10))
	}
	switch f.Kind {
	case WrongKey:
		h.Set("WWW-Authenticate", `Bearer realm="advoware proxy"`)
	case ReadOnly:
		h.Set("Allow", "GET, HEAD, OPTIONS")
	case MethodRefused:
		h.Set("Allow", "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE")
	}
	x.out.WriteHeader(f.Status())
	if r.Method != http.MethodHead {
		_, _ = x.out.Write(text.Bytes())
	}
}

// log records what the proxy has answered itself. The path stays out: it may have names in it.
func (x *exchange) log(r *http.Request, f *failure) {
	level := slog.LevelDebug
	if s := f.Status(); s >= 500 && f.Kind != NoUpgrade && f.Kind != Closing {
		level = slog.LevelWarn
	}
	l := x.proxy.cfg.Logger
	if !l.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("kind", string(f.Kind)), slog.String("method", r.Method), slog.Duration("took", time.Since(x.began))}
	if x.office != nil {
		attrs = append(attrs, slog.String("office", x.office.Name))
	}
	if f.outcome != "" {
		attrs = append(attrs, slog.String("outcome", f.outcome))
	}
	if f.cause != nil {
		attrs = append(attrs, slog.Any("error", f.cause))
	}
	l.LogAttrs(r.Context(), level, "proxy: a request was not answered by the office", attrs...)
}
