package logvalue_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/logvalue"
)

type structured struct{ of error }

func (s structured) Error() string { return "structured" }
func (s structured) Unwrap() error { return s.of }
func (s structured) LogValue() slog.Value {
	return logvalue.Group("message", s.Error(), "status", 0, "kind", "k", "none", "", "at", time.Time{}, "after", time.Minute, "sent", false, "cause", logvalue.Cause(s.of))
}

func logged(v any) string {
	var b bytes.Buffer
	l := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key != "error" {
			return slog.Attr{}
		}
		return a
	}}))
	l.Error("", "error", v)
	return strings.TrimSpace(b.String())
}

func TestGroup(t *testing.T) {
	t.Parallel()
	inner := structured{io.EOF}
	for want, v := range map[string]any{
		`error.message=structured error.kind=k error.after=1m0s error.sent=false`: inner,
		`error.message=structured error.kind=k error.after=1m0s error.sent=false ` +
			`error.cause.message=structured error.cause.kind=k error.cause.after=1m0s error.cause.sent=false`: structured{fmt.Errorf("about %w", inner)},
		`error="about structured"`: fmt.Errorf("about %w", inner),
		`error=structured`:         logvalue.Text(inner),
	} {
		if got := logged(v); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if logvalue.Text(nil) != nil || logvalue.Cause(nil) != nil || logvalue.Cause(io.EOF) != nil {
		t.Error("something of nothing")
	}
	if got, ok := errors.AsType[structured](logvalue.Text(inner)); !ok || got != inner {
		t.Error("a text does not wrap its error")
	}
}
