//go:build !unix

package study

import "os"

// hangups: Go tells a Windows program of a closed console by SIGTERM.
func hangups() []os.Signal { return nil }

func outliveReaders() {}
