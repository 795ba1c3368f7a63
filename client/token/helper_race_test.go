//go:build race

package token_test

import "runtime"

const underRace = true

// Nearly all tests here run in bubbles, with very many timers in some. The timers of one
// bubble share one context of the race detector, and with several processors that has
// ended the program (Go 1.26, "ThreadSanitizer: CHECK failed" or a SIGSEGV in it, in every
// second run). A race is found by what happens before what, so one processor finds it too.
func init() { runtime.GOMAXPROCS(1) }
