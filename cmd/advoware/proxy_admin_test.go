//go:build unix

package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Readiness of a real process through an outage of the gateway and back, with the line of
// time printed; SIGTERM ends it.
func TestProxyIsReadyThroughAnOutageAndBack(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{Lifetime: 12 * time.Second}) // of which 10 are not used
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	p := begin(t, fake.Env(), func(cmd *exec.Cmd) { cmd.Stdout = write }, "proxy", "--store=memory", "--addr=127.0.0.1:0", "--admin=127.0.0.1:0")
	write.Close()
	at := make(map[string]string)
	for lines := bufio.NewScanner(read); len(at) < 2 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		at[name] = value
	}
	get := func(url string) (status int, text string) {
		resp, err := http.Get(url)
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, strings.TrimSpace(string(body))
	}
	began := time.Now()
	say := func(what string) { t.Logf("%6.1f s  %s", time.Since(began).Seconds(), what) }
	turns := func(to int, calling bool) {
		t.Helper()
		until(t, fmt.Sprintf("/readyz answers %d", to), func() bool {
			if calling {
				get(at["ADVOWARE_PROXY_URL"] + "employees")
			}
			status, text := get(at["ADVOWARE_PROXY_ADMIN_URL"] + "readyz")
			if status == to {
				say(fmt.Sprint(status, " ", text))
			}
			return status == to
		})
	}
	turns(503, false) // nobody knows yet
	turns(200, false)
	say("the gateway is down")
	down := fake.Inject(clienttest.Fault{Reset: true, Times: -1})
	turns(503, true) // when the token has ended
	say("the gateway is up")
	down.Remove()
	turns(200, false) // without a call
	if status, text := get(at["ADVOWARE_PROXY_URL"] + "employees"); status != 200 {
		t.Errorf("then a call: %d, %s", status, text)
	}
	p.end(t, syscall.SIGTERM)
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Errorf("status %d, %s", code, p.errs.String())
	}
	if status, _ := get(at["ADVOWARE_PROXY_ADMIN_URL"] + "livez"); status != 0 {
		t.Error("the admin port outlives the process")
	}
}
