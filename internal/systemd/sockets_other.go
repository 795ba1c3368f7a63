//go:build !linux

package systemd

// Sockets returns nothing: there is no systemd.
func Sockets() ([]Socket, error) { return nil, nil }
