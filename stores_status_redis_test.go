package advoware_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/internal/redistest"
)

// soon waits until a client says what is wanted of it.
func soon(t *testing.T, c *client.Client, what string, ok func(status.Client) bool) status.Client {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		st := c.Status()
		if ok(st) {
			return st
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %+v, Redis %+v", what, st, st.Redis)
		}
	}
}

// A client says whether Redis works and whether the token is there, through an outage.
func TestStatusOfRedis(t *testing.T) {
	for name, kind := range map[string]advoware.StoreKind{"tiered": advoware.StoreTiered, "redis": advoware.StoreRedis} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			cfg := sharing(t, newFake(t, clienttest.Options{}), srv)
			cfg.Store = kind
			c := open(t, cfg)
			if st := c.Status(); st.State != status.Empty || st.Redis == nil || !st.Redis.Since.IsZero() || st.Redis.Up || st.Near || st.Far != status.Unknown {
				t.Errorf("before the first call: %+v, %+v", st, st.Redis)
			}
			mustCall(t, c)
			st := soon(t, c, "Redis has the token", func(st status.Client) bool {
				if st.Far != status.Yes { // on a busy machine Redis has been waited for in vain
					mustCall(t, c)
				}
				return st.Far == status.Yes
			})
			if st.State != status.Fresh || !st.Redis.Up || st.Redis.Since.IsZero() || st.Near != (kind == advoware.StoreTiered) || !st.Discovered.IsZero() {
				t.Errorf("after a call: %+v, %+v", st, st.Redis)
			}
			srv.Kill()
			_, _ = c.Source().Refresh(t.Context())
			down := soon(t, c, "Redis is down", func(st status.Client) bool { return !st.Redis.Up })
			if !down.Redis.Since.After(st.Redis.Since) || down.Far == status.Yes {
				t.Errorf("while Redis is down: %+v, %+v", down, down.Redis)
			}
			if kind == advoware.StoreTiered && (down.Far != status.Pending || down.Redis.PendingWrites != 1 || !down.Near || down.State != status.Fresh) {
				t.Errorf("while Redis is down: %+v, %+v", down, down.Redis)
			}
			srv.Restart()
			up := soon(t, c, "Redis is back", func(st status.Client) bool {
				mustCall(t, c)
				return st.Redis.Up && st.Far == status.Yes
			})
			if up.Redis.PendingWrites != 0 || !up.Redis.Since.After(down.Redis.Since) {
				t.Errorf("when it is back: %+v, %+v", up, up.Redis)
			}
		})
	}
}

// Without Redis nothing is said of one. The handler serves it, and 503 once it is closed.
func TestStatusIsServed(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := config(t, fake, nil)
	cfg.Store = advoware.StoreMemory
	c := open(t, cfg)
	srv := httptest.NewServer(status.Handler(c.Status))
	defer srv.Close()
	ask := func(method string) (code int, st status.Client, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal(text, &st)
		return resp.StatusCode, st, string(text)
	}
	if code, st, body := ask("GET"); code != 200 || st.State != status.Empty || st.Redis != nil || st.Far != "" {
		t.Errorf("before the first call: %d %s", code, body)
	}
	mustCall(t, c)
	if code, st, body := ask("GET"); code != 200 || st.State != status.Fresh || !st.Near || st.Redis != nil || st.Far != "" {
		t.Errorf("after it: %d %s", code, body)
	}
	if code, _, body := ask("POST"); code != 405 {
		t.Errorf("POST: %d %s", code, body)
	}
	if code, _, body := ask("HEAD"); code != 200 || body != "" {
		t.Errorf("HEAD: %d %s", code, body)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if code, st, body := ask("GET"); code != 503 || st.State != status.Closed {
		t.Errorf("closed: %d %s", code, body)
	}
}
