package sidecar

import "github.com/advoware-go/advoware/internal/systemd"

// Sort returns what is wrong with sockets of systemd.
func (f *Flags) Sort(sockets []systemd.Socket) error {
	_, err := f.sort(sockets)
	return err
}

// AdminServer is what serves --admin.
var AdminServer = adminServer
