package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// start returns a running service and its address.
func start(t *testing.T, fake *clienttest.Server) (*exampletest.Process, string) {
	t.Helper()
	p := exampletest.Start(t, exampletest.Env(fake), "-addr", "127.0.0.1:0")
	url, ok := strings.CutPrefix(p.Line(t), "listening on ")
	if !ok {
		t.Fatalf("printed %q", url)
	}
	return p, url
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(text)
}

func TestOneClientForAllRequests(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	p, url := start(t, fake)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if status, body := get(t, url+"/employees"); status != 200 || !strings.Contains(body, "Jördis") {
				t.Errorf("status %d, %s", status, body)
			}
		})
	}
	all.Wait()
	if n := fake.Counts(); n.TokenRequests != 1 || n.APICalls != 50 {
		t.Errorf("%+v", n)
	}
	p.Signal(t, syscall.SIGTERM)
	if r := p.Wait(t); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// A request that is under way at SIGTERM is answered, and then the process ends.
func TestShutdownIsGraceful(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	slow := fake.Inject(clienttest.Fault{On: clienttest.API, Delay: 300 * time.Millisecond})
	p, url := start(t, fake)
	answered := make(chan int, 1)
	go func() {
		status, _ := get(t, url+"/employees")
		answered <- status
	}()
	if err := slow.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	p.Signal(t, syscall.SIGTERM)
	if status := <-answered; status != 200 {
		t.Errorf("status %d", status)
	}
	if r := p.Wait(t); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	hang := fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
	p, url := start(t, fake)
	ctx, cancel := t.Context(), make(chan struct{})
	go func() {
		defer close(cancel)
		if res, err := http.Get(url + "/employees"); err == nil {
			res.Body.Close()
		}
	}()
	if err := hang.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	p.Signal(t, syscall.SIGTERM)
	for { // until the first signal has been heeded, and nothing listens any more
		res, err := http.Get(url + "/nothing")
		if err != nil {
			break
		}
		res.Body.Close()
	}
	p.Signal(t, syscall.SIGTERM)
	if r := p.Wait(t); r.Status != -1 {
		t.Errorf("status %d, and not ended by the signal", r.Status)
	}
	<-cancel
}

func TestFailures(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	p, url := start(t, fake)
	for _, c := range []struct {
		fault clienttest.Fault
		want  int
	}{
		{clienttest.Fault{Refusal: clienttest.NotConnected}, http.StatusServiceUnavailable},
		{clienttest.Fault{Status: http.StatusForbidden, Body: `{"message": "Zutritt verboten"}`}, http.StatusBadGateway},
		{clienttest.Fault{Reset: true, Times: -1}, http.StatusBadGateway},
	} {
		c.fault.On = clienttest.API
		fake.Inject(c.fault)
		if status, body := get(t, url+"/employees"); status != c.want || strings.Contains(body, "Zutritt") {
			t.Errorf("%+v: status %d, want %d: %s", c.fault, status, c.want, body)
		}
	}
	p.Signal(t, syscall.SIGTERM)
	if r := p.Wait(t); !strings.Contains(r.Stderr, "Zutritt verboten") {
		t.Errorf("the log does not say why:\n%s", r.Stderr)
	}
}

func TestWrongConfiguration(t *testing.T) {
	if r := exampletest.Run(t, nil); r.Status != 1 || !strings.Contains(r.Stderr, "ADVOWARE_KANZLEI") {
		t.Errorf("status %d: %s", r.Status, r.Stderr)
	}
}
