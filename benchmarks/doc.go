// Package benchmarks measures what a token, a request and a signature cost, with
// the floor beside the result and competitors under the same names.
//
// There is nothing to import: all of it is in the test files. Names are benchstat
// keys (store=, transport=, impl=, lock=, state=, parallel=), so that benchstat can set
// any two values side by side. README.md says how to run it, how to read it, and
// how to measure a store of your own.
//
// A benchmark whose name contains NoAlloc fails when it allocates.
package benchmarks
