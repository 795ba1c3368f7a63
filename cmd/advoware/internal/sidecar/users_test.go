package sidecar_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/sidecar"
	"github.com/advoware-go/advoware/proxy"
)

// A file without a name, as of a variable of a shell that is not set, is an error: it must not
// open the proxy to whoever can connect.
func TestFileWithoutAName(t *testing.T) {
	t.Parallel()
	c, _ := advowaretest.Client(t, clienttest.Options{})
	for want, users := range map[string]sidecar.Users{
		"--key-file has no name":                          {KeyFile: new("")},
		"--tls-cert-file or --tls-key-file has no name":   {TLSCertFile: new(""), TLSKeyFile: new("")},
		"--tls-cert-file or --tls-key-file has no name: ": {TLSKeyFile: new("")},
	} {
		f := sidecar.Flags{Addr: new("127.0.0.1:0"), Users: users, Limits: sidecar.Limits{MaxRequests: 1, MaxHeader: 65536, OfficeStall: 1, ClientStall: 1, HeaderTimeout: 1, IdleTimeout: 1}}
		err := f.Run(t.Context(), []proxy.Office{{Name: "muster", Client: c}}, slog.New(slog.DiscardHandler), func(line []byte) error {
			t.Errorf("it serves: %s", line)
			return io.ErrClosedPipe
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
