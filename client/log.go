package client

import (
	"log/slog"
	"net/http"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/logvalue"
)

func (t *Transport) log(req *http.Request, found token.Found, status int, err error) {
	l := t.Logger
	if l == nil {
		l = slog.Default()
	}
	ctx := req.Context()
	level := slog.LevelDebug
	if t.Level != nil {
		level = t.Level.Level()
	}
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", req.Method), slog.String("path", redactor(found.Token).Hide(req.URL.Path)), // a redirect may have it in there
		slog.String("token", found.Token.Fingerprint()), slog.String("token_from", found.Origin.String()),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", logvalue.Text(err)))
	} else {
		attrs = append(attrs, slog.Int("status", status))
	}
	l.LogAttrs(ctx, level, "api request", attrs...)
}
