package client

import (
	"errors"
	"net/http"

	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

// hider takes a token out of what a server said, however it is spelled there.
type hider struct{ secret *redact.Secret }

func newHider(tok store.Token) *hider { return &hider{redact.NewToken(tok.Reveal())} }

// error returns err, or, if its text has the token in it, nothing but the rest of
// the text: net/http quotes an answer that is not HTTP.
func (h *hider) error(err error) error {
	text := err.Error()
	if hidden := h.hide(text); hidden != text {
		return errors.New(hidden)
	}
	return err
}

func (h *hider) hide(text string) string { return h.secret.Hide(text) }

// hideCut is hide for a text that broke off, maybe in the middle of the token: its
// beginning is hidden at the end of the text.
func (h *hider) hideCut(text string) string { return h.secret.HideCut(text) }

// header returns a copy of a header without the token in names and values.
func (h *hider) header(from http.Header) http.Header {
	out := make(http.Header, len(from))
	for name, values := range from {
		name = h.hide(name)
		for _, v := range values {
			out[name] = append(out[name], h.hide(v))
		}
	}
	return out
}
