package clienttest_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Everything at once, and the end in the middle of it.
func TestCloseAmidEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		client := s.Client()
		client.Timeout = 10 * time.Second
		var all sync.WaitGroup
		get := func(address string) {
			req, _ := http.NewRequest("GET", address, nil)
			req.Header.Set("Authorization", "Bearer "+s.Issue())
			if res, err := client.Do(req); err == nil {
				res.Body.Close()
			}
		}
		for i := range 6 {
			all.Go(func() {
				kanzlei := strconv.Itoa(i)
				c, err := s.AddConnector(kanzlei, clienttest.ConnectorOptions{TLS: i%2 == 0, Config: map[bool]*tls.Config{true: {}}[i == 0]})
				if err != nil {
					return
				}
				for range 4 {
					fault := s.Inject(clienttest.Fault{On: clienttest.Target(i % 3), Delay: time.Hour, Hang: i == 3, Reset: i == 4, Times: 3,
						Where: func(r *clienttest.Request) bool { s.Requests(); c.URL(); return len(r.ID)%2 == 0 }})
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
					s.Observe(clienttest.API, nil)
					all.Go(func() { get(c.URL() + "employees") })
					all.Go(func() { get(s.DiscoveryURL() + "?Kanzlei=" + kanzlei) })
					all.Go(func() { get(s.BaseURL() + "employees") })
					for range s.Follow(ctx) {
					}
					fault.Wait(ctx, 1)
					s.SetDiscovery(kanzlei, s.Discovery(kanzlei))
					c.Move("")
					c.Close()
					c.Open()
					if i == 1 {
						s.ClearFaults()
					}
					fault.Remove()
					s.AddIdentity(clienttest.Identity{APIKey: "eA==", Kanzlei: kanzlei})
					cancel()
				}
			})
		}
		all.Go(func() {
			s.Observe(clienttest.API, nil).Wait(t.Context(), 20)
			all.Go(s.Close)
			s.Close()
		})
		all.Wait()
		if err := s.Inject(clienttest.Fault{}).Wait(t.Context(), 1); err == nil {
			t.Error("a closed server was waited for")
		}
		for range s.Follow(t.Context()) { // ends
		}
	})
}
