// Package systemd lets a service talk with the manager that started it: it takes over the
// sockets that systemd listens on in its place, and tells systemd when the service is ready,
// when it stops and that it lives.
//
// It implements sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3), for Linux. On
// other systems, and in a process that no systemd started, nothing is passed and nothing is
// reported. Nothing here waits for systemd, and no failure to tell it something ends a service.
//
// [Sockets] and [Notify] read and remove variables of the environment, so they are called
// once each, before there are other goroutines or children. A [Notifier] is safe for concurrent use.
package systemd

import (
	"net"
	"os"
)

// Socket is a listening socket that systemd passed.
type Socket struct {
	// Name is what FileDescriptorName= says in the .socket unit, by default the unit's
	// name. It is empty if the sockets came without names.
	Name     string
	Listener net.Listener
}

// take returns a variable and removes it, so that no child takes it for its own.
func take(name string) string {
	value := os.Getenv(name)
	_ = os.Unsetenv(name) // it fails for names that cannot be set
	return value
}
