package proxy

import (
	"net/http"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/internal/reserved"
)

// ownTrailers are fields that a client cannot send behind a body, in lower case: servers that
// add trailers to the header would take them for what this proxy says, or has checked. They are
// those of the way here, of who asks, and of how long a message is.
var ownTrailers = []string{
	"authorization", "proxy-authorization", strings.ToLower(KeyHeader), "host", "cookie",
	"content-length", "transfer-encoding", "connection", "proxy-connection", "keep-alive", "te", "trailer", "upgrade", "expect",
}

// isForwarded reports whether a header says, or overrides, what another proxy was asked: servers
// take its address, path or scheme for those of the request. Some take underscores for hyphens.
func isForwarded(name string) bool {
	plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	switch plain {
	case "forwarded", "x-forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "x-original-for", "x-original-host", "x-original-proto":
		return true
	}
	return strings.HasPrefix(plain, "x-forwarded-")
}

// withoutOwn removes from the trailers of a request what is not for a client to send there.
func withoutOwn(trailer http.Header) {
	for name := range trailer {
		plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
		one := http.Header{name: nil}
		if slices.Contains(ownTrailers, plain) || isForwarded(name) || reserved.Override(one) != "" || reserved.Rewrite(one) != "" {
			delete(trailer, name)
		}
	}
}

// withoutVerdict removes what only an answer of the proxy itself has.
func withoutVerdict(h http.Header) {
	h.Del(errorHeader)
	h.Del(outcomeHeader)
}
