package advoware_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// What the door is told of calls, the client heeds.
func TestCallSettings(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	for level, want := range map[slog.Leveler]int{nil: 0, slog.LevelInfo: 2, slog.LevelWarn: 2} {
		var log bytes.Buffer
		cfg := config(t, fake, nil)
		cfg.Store, cfg.CallLevel, cfg.MaxAnswer = advoware.Memory, level, 10
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) // at info level
		_, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
		if !errors.Is(err, client.ErrTooLong) {
			t.Errorf("got %v", err)
		}
		if n := strings.Count(log.String(), "msg=\"api "); n != want {
			t.Errorf("at %v: %d records of the call, want %d:\n%s", level, n, want, log.String())
		}
	}
}
