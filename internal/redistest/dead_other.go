//go:build !linux

package redistest

import "testing"

// Dead skips the test: only on Linux can a listener be made to take no connections.
func Dead(t testing.TB, _ string) {
	t.Helper()
	t.Skip("redistest: no address can be made dead on this system")
}
