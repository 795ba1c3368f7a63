package main_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// TestInterrupt interrupts a call that would otherwise go on for as long as the
// test waits.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be interrupted from outside")
	}
	fake := clienttest.Start(t, clienttest.Options{})
	arrived := make(chan struct{}, 1)
	hang := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices that a client has gone only after it
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer hang.Close()
	forever := []string{"ADVOWARE_API_TIMEOUT_SECONDS=3600"}
	for name, c := range map[string]struct {
		env  []string
		args []string
	}{
		"the API hangs":     {[]string{"ADVOWARE_API_BASE_URL=" + hang.URL}, []string{"call", "GET", "/employees"}},
		"the gateway hangs": {[]string{"ADVOWARE_TOKEN_URL=" + hang.URL}, []string{"call", "GET", "/employees"}},
		"token":             {[]string{"ADVOWARE_TOKEN_URL=" + hang.URL}, []string{"token"}},
	} {
		t.Run(name, func(t *testing.T) {
			interrupt(t, env(fake.Env(), forever, c.env), nil, func() { <-arrived }, append(c.args, "--store", "memory")...)
		})
	}
	t.Run("nobody types", func(t *testing.T) {
		in, typing, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer typing.Close()
		interrupt(t, fake.Env(), in, func() {
			// More than a pipe holds, so that it has begun to read once this is written.
			_, _ = typing.WriteString(strings.Repeat(" ", 1<<20))
		}, "call", "POST", "/appointments", "--store", "memory", "-d", "-")
	})
}

// interrupt runs the command, interrupts it when ready returns, and wants it to end.
func interrupt(t *testing.T, vars []string, in *os.File, ready func(), args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	cmd := command(ctx, vars, args...)
	var got outcome
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if in != nil {
		cmd.Stdin = in
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if in != nil {
		_ = in.Close()
	}
	ready()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	got = outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	got.wantFailure(t, 1, "interrupted")
}
