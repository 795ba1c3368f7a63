// Package chaos shows what a fleet promises, with operating-system processes that
// are killed, stopped and started, and a Redis that fails in every way its users
// have seen. It consists of tests; the other files define the commands and the lines of
// JSON between a test and its processes, and of histories.
//
// The test process is the outside world: it serves the fake Advoware, owns a real
// redis-server and starts the program in worker many times. Each worker opens the
// client by environment variables, as users do, makes calls, checks every answer,
// and writes a [Line] of JSON to its standard output for what is worth knowing. A
// worker ends when its standard input does, so that none outlives its test.
//
// In some tests the processes write each operation on tokens to a [History]: Token,
// Refresh, Reject and token requests, with their begin, end and result. The test adds what
// other programs write and when Redis is not to be relied on. The command in checker asks
// porcupine for an order of all that in which the token is in one place, and its package
// comment has the model. A history that has none is kept, with a picture.
//
// In every test MONITOR tells what Redis carries out: a test has no fleet without that. Package
// trace replays it against the Go form of the models in proof: who may have the lease, what a write
// may replace, which deletion was right. A trace that breaks one of these rules is kept, beside the
// histories if there are any.
//
// `go test` runs the short form. `make chaos` runs the long one, for as long as
// CHAOS_TIME says, and prints tables. With less than ten minutes it leaves out what only
// waits for a minute to pass, and does little twice. What is asserted are counts and promises, never
// a speed.
//
// The types but History are plain data, without any synchronisation of their own. See
// ARCHITECTURE.md for the promises.
package chaos
