// Package archtest keeps the packages of this module apart.
//
// It consists of tests. table_test.go is the map of the module: what each package
// answers for and what it may import. The tests ask `go list` what is imported in
// truth, and fail with what to do about a difference. Others check the length of files,
// names, tests that sleep, benchmarks that cannot fail, and the map of files in
// ARCHITECTURE.md.
//
// What is to become less, such as packages that are too large, is in testdata/ratchet.txt.
// `go test ./internal/archtest -update` lowers its figures, and writes the table of
// packages into ARCHITECTURE.md, which tells the reasons for it.
package archtest
