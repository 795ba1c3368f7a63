package sidecar_test

import (
	"net"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/sidecar"
	"github.com/advoware-go/advoware/internal/systemd"
)

// elsewhere is a socket at an address that no test listens on.
type elsewhere struct{ net.Listener }

func (elsewhere) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero, Port: 8064} }

// What holds for --addr holds for a socket of systemd.
func TestSocketForOtherMachinesNeedsAllowRemote(t *testing.T) {
	t.Parallel()
	sockets := []systemd.Socket{{Name: "proxy", Listener: elsewhere{}}}
	const want = "systemd passed a socket that other machines reach, 0.0.0.0:8064: set ListenStream=127.0.0.1:8064 in its .socket unit, or --allow-remote and --key-file"
	if err := new(sidecar.Flags).Sort(sockets); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	f := &sidecar.Flags{Users: sidecar.Users{AllowRemote: true}}
	if err := f.Sort(sockets); err != nil {
		t.Error(err)
	}
	sockets[0].Name = "admin" // probes of others come there
	if err := new(sidecar.Flags).Sort(sockets); err != nil {
		t.Error(err)
	}
}
