package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/testport"
)

// The tests of this file each do what a program, or an office, should not. That others are
// served meanwhile is seen by the order of things: a call has its answer while what is hostile
// is still under way.

// newOffice starts an office of a test beside the gateway of a fake, and the proxy for both.
// All that begins with /employees is answered as usual.
func newOffice(t *testing.T, serve http.HandlerFunc, args ...string) *process {
	t.Helper()
	fake := clienttest.Start(t, clienttest.Options{})
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/employees" {
			_, _ = io.WriteString(w, "[]")
			return
		}
		serve(w, r)
	}))
	t.Cleanup(office.Close)
	return startProxy(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+office.URL), append([]string{"--store", "memory"}, args...)...)
}

func host(p *process) string { return strings.TrimPrefix(p.url(), "http://") }

// Times that end a test's clients and offices, and times that do not.
const (
	soon  = "1s"
	never = "1h"
)

// Many who do not go on with their header, or do not read their answer, keep nobody else
// waiting; the proxy drops them after the times that it has for that.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	for _, patience := range []string{never, soon} {
		const begun, reading = 100, 20
		left := make(chan bool, reading)
		p := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
			for block := make([]byte, 64<<10); ; {
				if _, err := w.Write(block); err != nil {
					left <- true
					return
				}
			}
		}, "--header-timeout", patience, "--client-stall", patience)
		var slow []net.Conn
		for range begun {
			conn := dial(t, p)
			_, _ = io.WriteString(conn, "GET /employees HTTP/1.1\r\nHost: "+host(p)+"\r\nX-Slow: ")
			slow = append(slow, conn)
		}
		for range reading {
			conn := dial(t, p)
			_, _ = io.WriteString(conn, "GET /endless HTTP/1.1\r\nHost: "+host(p)+"\r\n\r\n")
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		mustServe(t, p)
		if patience == never {
			if len(left) > 0 {
				t.Error("the answers were not under way any more")
			}
			continue
		}
		for _, conn := range slow {
			_, _ = io.Copy(io.Discard, conn) // returns once the proxy has closed it
		}
		for range reading {
			<-left
		}
		mustServe(t, p)
	}
}

// An office that does not answer is given up, and holds up nobody who asks for something else.
func TestSlowOffice(t *testing.T) {
	t.Parallel()
	for _, patience := range []string{never, soon} {
		const calls = 100
		asked := make(chan bool, calls)
		p := newOffice(t, func(_ http.ResponseWriter, r *http.Request) {
			asked <- true
			<-r.Context().Done()
		}, "--office-stall", patience)
		answers := make(chan int, calls)
		for range calls {
			go func() {
				resp, err := http.Get(p.url() + "/slow")
				if err != nil {
					answers <- 0
					return
				}
				_ = resp.Body.Close()
				answers <- resp.StatusCode
			}()
		}
		if patience == never { // else, on a busy machine, a call may end before the office is asked
			for range calls {
				<-asked
			}
		}
		mustServe(t, p)
		if patience == never {
			if len(answers) > 0 {
				t.Errorf("a call to the office that hangs was answered: status %d", <-answers)
			}
			continue
		}
		for range calls {
			if status := <-answers; status != http.StatusGatewayTimeout {
				t.Errorf("status %d", status)
			}
		}
	}
}

// Connections that wait for nothing cost others nothing.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	p := newOffice(t, nil)
	for i := range connections() {
		conn, err := net.Dial("tcp", host(p))
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
		if i%10 == 0 { // the rest says nothing
			_, _ = io.WriteString(conn, "GET /employees HTTP/1.1\r\nHost: "+host(p)+"\r\n\r\n")
		}
	}
	mustServe(t, p)
}

// connections is how many a process may have on this system, 10,000 at most. The race detector
// has a limit of its own, 8,128 goroutines.
func connections() int {
	most := 10_000
	if raceEnabled() {
		most = 2000
	}
	return min(most, files()-500)
}

// A body that has no end goes on to the office as long as that reads, and takes no memory.
func TestBodyWithoutEnd(t *testing.T) {
	t.Parallel()
	const enough = 200 << 20
	read, left := make(chan struct{}), make(chan error)
	p := newOffice(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.CopyN(io.Discard, r.Body, enough)
		close(read)
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		left <- err
	})
	conn := dial(t, p)
	go func() {
		w := bufio.NewWriterSize(conn, 64<<10)
		_, _ = io.WriteString(w, "POST /upload HTTP/1.1\r\nHost: "+host(p)+"\r\nTransfer-Encoding: chunked\r\n\r\n")
		block := "10000\r\n" + strings.Repeat("x", 0x10000) + "\r\n"
		for {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	}()
	<-read
	mustServe(t, p)
	if kb := peakMemory(t, p); kb > 150<<10 && !raceEnabled() {
		t.Errorf("%d KB of memory for a body of %d", kb, enough>>10)
	}
	_ = conn.Close()
	if err := <-left; err == nil {
		t.Error("the office takes the body for a whole one")
	}
	mustServe(t, p)
}

// A header of a megabyte is refused, whoever sends it.
func TestHeaderOfAMegabyte(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	p := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			w.Header().Add("X-Large", large)
		}
	})
	conn := dial(t, p)
	go func() {
		_, _ = io.WriteString(conn, "GET /employees HTTP/1.1\r\nHost: "+host(p)+"\r\nX-Large: "+large+"\r\n\r\n")
	}()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if !strings.HasPrefix(line, "HTTP/1.1 431 ") {
		t.Errorf("the client's is answered with %q, %v", line, err)
	}
	if status, body := get(t, p.url()+"/large"); status != http.StatusBadGateway {
		t.Errorf("the office's is answered with %d, %.100q", status, body)
	}
	mustServe(t, p)
}

// An office that is killed under way is a failure of the calls under way, and of no later one.
func TestOfficeIsKilled(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	office := startOffice(t, addr)
	p := startProxy(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+office.url()), "--store", "memory")
	failed := make(chan int)
	go func() {
		resp, err := http.Get(p.url() + "/hang")
		if err != nil {
			failed <- 0
			return
		}
		_ = resp.Body.Close()
		failed <- resp.StatusCode
	}()
	<-office.later
	office.signal(t, os.Kill)
	if status := <-failed; status != http.StatusBadGateway {
		t.Errorf("status %d", status)
	}
	<-office.ended
	if status, _ := get(t, p.url()+"/employees"); status != http.StatusBadGateway {
		t.Errorf("while it is off: status %d", status)
	}
	startOffice(t, addr)
	mustServe(t, p)
}
