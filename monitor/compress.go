package monitor

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// compressed is w, or one that compresses if the client asked for that, as Prometheus does: the
// text of many offices repeats itself. end writes what is left.
func compressed(w http.ResponseWriter, r *http.Request) (_ http.ResponseWriter, end func()) {
	w.Header().Set("Vary", "Accept-Encoding")
	if r.Method == http.MethodHead || !accepts(r.Header.Values("Accept-Encoding"), "gzip") {
		return w, func() {}
	}
	w.Header().Set("Content-Encoding", "gzip")
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that exists
	return &gzipWriter{w, z}, func() { _ = z.Close() }
}

type gzipWriter struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (w *gzipWriter) Write(p []byte) (int, error) { return w.z.Write(p) }

// accepts reports whether the values of Accept-Encoding name a coding, and not with the weight
// zero (RFC 9110, section 12.5.3). "*" is not taken for it: not to compress is always allowed.
func accepts(values []string, coding string) bool {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, parameter, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		_, weight, has := strings.Cut(parameter, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		return !has || err == nil && q > 0
	}
	return false
}
