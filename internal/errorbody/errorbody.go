// Package errorbody reads the body of an answer that is an error: its beginning, as text,
// without what must not be shown.
//
// See ARCHITECTURE.md for the package in context.
package errorbody

import (
	"io"
	"net/http"

	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/readall"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

const (
	// Kept is how much of a body is kept, in bytes.
	Kept = 64 << 10
	// searched is more than that: a token that the server repeats is not cut in two and
	// missed.
	searched = Kept + store.MaxTokenBytes
)

// Read returns the beginning of a body without the secret, and whether that is not all of it.
func Read(resp *http.Response, hidden *redact.Secret) (body []byte, cut bool) {
	body, err := readall.Read(io.LimitReader(resp.Body, searched), min(readall.Announced(resp), searched))
	cut = err != nil || len(body) == searched
	body = hidden.HideIn(charset.Text(body, resp.Header.Get("Content-Type")), cut)
	return body[:min(len(body), Kept)], cut || len(body) > Kept
}
