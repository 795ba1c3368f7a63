//go:build unix

package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Interrupted while a server hangs, --json prints one document all the same, soon.
func TestDoctorInterrupted(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		fake := clienttest.Start(t, clienttest.Options{})
		hang := fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true, Times: -1})
		var out bytes.Buffer
		p := begin(t, append(fake.Env(), noRedis(t)...), func(c *exec.Cmd) { c.Stdout = &out }, "doctor", "--json")
		until(t, "both servers asked", func() bool { return hang.Hits() >= 2 })
		p.end(t, signal)
		r := reportOf(t, out.String())
		if status := p.ProcessState.ExitCode(); status != 1 || r.OK || p.errs.Len() > 0 {
			t.Errorf("status %d, ok %v, stderr %q", status, r.OK, p.errs.String())
		}
		r.want(t, "API", "the rest", "skipped", "interrupted")
		r.want(t, "gateway", "the rest", "skipped", "interrupted")
		r.want(t, "configuration", "variables", "ok")
	}
}
