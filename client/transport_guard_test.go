package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

type panics struct{ io.Closer }

func (panics) Read([]byte) (int, error) { panic("in a body") }

// net/http asks for a body again when a connection is gone, and reads it on a goroutine of its own: a
// panic there would end the process.
func TestBodyThatIsAskedForAgainMayPanic(t *testing.T) {
	for target, origin := range map[string]string{"within": apiBase, "elsewhere": "https://elsewhere.test/"} {
		var read error
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			again, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			_, read = again.Read(make([]byte, 1))
			return answer(req, 200, ""), again.Close()
		})
		body := io.NopCloser(io.MultiReader(strings.NewReader("x")))
		req, err := http.NewRequestWithContext(t.Context(), "POST", origin, body)
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody = func() (io.ReadCloser, error) { return panics{body}, nil }
		if err := closed(c.HTTPClient().Do(req)); err != nil || !errors.As(read, new(*bounded.PanicError)) {
			t.Errorf("%s: %v; the body says %v", target, err, read)
		}
	}
}

// A Base that has no idle connections to close is left alone.
func TestCloseIdleConnectionsOfAnyBase(t *testing.T) {
	stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { panic("sent") }).HTTPClient().CloseIdleConnections()
}

// What a proxy passes on is bounded by the proxy alone.
func TestPassingHasNoTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := timed(t, time.Second, func(req *http.Request) (*http.Response, error) {
			time.Sleep(time.Hour)
			return answer(req, 200, ""), req.Context().Err()
		})
		if err := closed(c.Do(newRequest(roundtrip.Passing(t.Context())))); err != nil {
			t.Error(err)
		}
	})
}
