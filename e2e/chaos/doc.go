// Package chaos shows what a fleet promises, with operating-system processes that
// are killed, stopped and started, and a Redis that fails in every way its users
// have seen. It consists of tests; the other files define the commands and the lines of
// JSON between a test and its processes.
//
// The test process is the outside world: it serves the fake Advoware, owns a real
// redis-server and starts the program in worker many times. Each worker opens the
// client by environment variables, as users do, makes calls, checks every answer,
// and writes a [Line] of JSON to its standard output for what is worth knowing. A
// worker ends when its standard input does, so that none outlives its test.
//
// `go test` runs the short form. `make chaos` runs the long one, for as long as
// CHAOS_TIME says, and prints tables. What is asserted are counts and promises, never
// a speed.
//
// The types are plain data, without any synchronisation of their own. See
// ARCHITECTURE.md for the promises.
package chaos
