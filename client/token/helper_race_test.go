//go:build race

package token_test

import "runtime"

// Nearly all tests here run in bubbles, with very many timers in some. The timers of one
// bubble share one context of the race detector, and with several processors that has
// ended the program (Go 1.26, "ThreadSanitizer: CHECK failed", within a few runs). A race
// is found by what happens before what, so one processor finds it too.
func init() { runtime.GOMAXPROCS(1) }
