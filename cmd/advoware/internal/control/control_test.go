package control_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/control"
)

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, addr := range []string{"", "127.0.0.1", ":0", "0.0.0.0:0", "[::]:0", "example.com:0", "192.0.2.1:0", "127.0.0.1:x", "127.0.0.1:70000", taken.Addr().String()} {
		if s, err := control.Start(fake, addr); err == nil {
			s.Close()
			t.Errorf("%q is listened on", addr)
		}
	}
}

func TestKeyIsRandomAndNotPrinted(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Seed: 7})
	keys := make(map[string]bool)
	for range 2 {
		s, err := control.Start(fake, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		key := strings.Split(s.URL(), "/")[3]
		keys[key] = true
		if len(key) < 26 {
			t.Errorf("a key of %d characters", len(key))
		}
		if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(text, key) {
			t.Errorf("%s shows the key", text)
		}
	}
	if len(keys) != 2 {
		t.Error("two keys are the same")
	}
}

// Close ends those that follow and those that wait, and can be called again.
func TestCloseEndsWhoeverWaits(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	s, err := control.Start(fake, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	call(t, "POST", s.URL()+"observers", `{}`).want(t, 201, nil)
	events := follow(t, s.URL()+"requests/follow")
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		_, _, _ = try("GET", s.URL()+"observers/1/wait?hits=1&timeout=60")
	}()
	s.Close()
	s.Close()
	<-waited
	for range events { // until it ends
	}
}

func TestConcurrentUse(t *testing.T) {
	fake, base := start(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for _, c := range [][3]string{
				{"POST", "faults", `{"named":"api-500","match":"/nothing","times":-1}`}, {"POST", "observers", `{"on":"api"}`},
				{"GET", "faults", ""}, {"GET", "observers/1/wait?timeout=0", ""}, {"GET", "requests", ""}, {"GET", "counts", ""},
				{"PATCH", "options", `{"latency":0,"shape":"text"}`}, {"GET", "options", ""}, {"POST", "tokens", ""}, {"POST", "tokens/revoke", `{"all":true}`},
				{"POST", "identities", fmt.Sprintf(`{"kanzlei":"k%d"}`, i)}, {"GET", "identities", ""},
				{"POST", "connectors", fmt.Sprintf(`{"kanzlei":"k%d"}`, i)}, {"POST", "connectors/move", fmt.Sprintf(`{"kanzlei":"k%d"}`, i)}, {"GET", "connectors", ""},
				{"PUT", "discovery", fmt.Sprintf(`{"kanzlei":"k%d","answer":{}}`, i)}, {"DELETE", "faults/1", ""}, {"DELETE", "faults", ""},
			} {
				if _, status, err := try(c[0], base+c[1], c[2]); err != nil || status >= 500 {
					t.Errorf("%q: %d, %v", c, status, err)
				}
				ask(t, fake, "employees")
			}
		})
	}
	all.Wait()
	if n := fake.Counts().APICalls; n != 8*18 {
		t.Errorf("%d calls", n)
	}
}
