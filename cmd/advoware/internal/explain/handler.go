package explain

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// Handler returns a handler for the log of the library that explains what it hears of, and
// passes on to base what that wants.
func (e *Explainer) Handler(base slog.Handler) slog.Handler { return &handler{base, e} }

type handler struct {
	slog.Handler
	e *Explainer
}

func (h *handler) Enabled(context.Context, slog.Level) bool { return true }

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	h.e.explain(ctx, r)
	if h.Handler.Enabled(ctx, r.Level) {
		return h.Handler.Handle(ctx, r)
	}
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attrs), h.e}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.e}
}

// explain says what a record means. Records that it does not know are for the log alone.
func (e *Explainer) explain(ctx context.Context, r slog.Record) {
	has := make(map[string]string)
	r.Attrs(func(a slog.Attr) bool {
		if has[a.Key] = a.Value.String(); a.Value.Kind() == slog.KindTime {
			has[a.Key] = a.Value.Time().UTC().Format(time.RFC3339)
		}
		return true
	})
	switch r.Message {
	case "the vendor was asked where the Kanzlei is reached":
		e.Sayf("discovery: asked %s: the API is at %s, the gateway at %s (%s)", has["service"], has["api"], has["gateway"], has["took"])
	case "the address of the Kanzlei was remembered":
		e.Sayf("discovery: remembered in Redis: the API is at %s, the gateway at %s (%s)", has["api"], has["gateway"], has["took"])
	case "the address of the Kanzlei was asked for by another process":
		e.Sayf("discovery: another process asked: the API is at %s, the gateway at %s (%s)", has["api"], has["gateway"], has["took"])
	case "token request":
		e.Sayf("token: none is at hand, one is requested from %s for user %s of Kanzlei %s", has["url"], has["user"], has["kanzlei"])
	case "token fetched":
		e.Sayf("token: %s was issued (%s), and is used until %s", has["token"], has["took"], has["expires_at"])
	case "token fetch failed":
		e.Sayf("token: the request failed; the next attempt is due in %s", has["next_attempt_in"])
	case "token fetch failed in another process":
		e.Sayf("token: the request of another process failed, and is not repeated at once")
	case "token adopted from another process":
		e.Sayf("token: another process was faster: %s is used", has["token"])
	case "token rejected":
		e.Sayf("token: the API refused %s: it is given up, and another one is looked for", has["token"])
	case "api request":
		e.request(ctx, has)
	}
}

// request says where the token of a request was from, and how the API answered.
func (e *Explainer) request(ctx context.Context, has map[string]string) {
	var lookup, took string
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		l, t := c.times()
		lookup, took = " ("+short(l)+")", " ("+short(t)+")"
	}
	switch has["token_from"] {
	case "near":
		if e.NearIsRedis {
			e.Sayf("token: %s was in Redis%s", has["token"], lookup)
			break
		}
		e.Sayf("token: %s was at hand in this process%s", has["token"], lookup)
	case "far":
		e.Sayf("token: %s was in Redis, where another process has put it%s", has["token"], lookup)
	}
	if has["error"] != "" {
		e.Sayf("%s %s: no answer%s", has["method"], has["path"], took)
		return
	}
	status, _ := strconv.Atoi(has["status"])
	again := ""
	if status == http.StatusUnauthorized {
		again = ": if there is another token, the request is made once more"
	}
	e.Sayf("%s %s: %s %s%s, with token %s%s", has["method"], has["path"], has["status"], http.StatusText(status), took, has["token"], again)
}
