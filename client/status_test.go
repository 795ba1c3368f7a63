package client_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	clientstatus "github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/internal/clienthook"
)

// The stores that package advoware gives a client complete its status.
func TestStatusOfTheStores(t *testing.T) {
	w := start(t, setup{client: func(c *client.Config) {
		clienthook.Attach(c, clienthook.Stores{Status: func(s *clientstatus.Client) { s.Near = s.Fingerprint != "" }})
	}})
	if s := w.Status(); s.Near || !s.Discovered.IsZero() {
		t.Errorf("without a token: %+v", s)
	}
	w.warm(t)
	if s := w.Status(); !s.Near {
		t.Errorf("with a token: %+v", s)
	}
}

// The status says when the address was confirmed last.
func TestStatusOfTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &towns{answers: []string{at("https://base.example.com/", "https://gateway.example.com/")}, send: func(r *http.Request) (*http.Response, error) { return answer(r, 200, "{}"), nil }}
		c := o.client(t)
		if s := c.Status(); !s.Discovered.IsZero() {
			t.Errorf("before: %+v", s)
		}
		if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil {
			t.Fatal(err)
		}
		if s := c.Status(); !s.Discovered.Equal(time.Now()) {
			t.Errorf("after: %v", s.Discovered)
		}
	})
}
