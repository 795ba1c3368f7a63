// Command study studies the latency of tokens and calls under load.
//
//	go -C benchmarks run ./cmd/study --quick
//
// takes ten seconds and writes a report that a browser shows. Run "study list" for the
// scenarios and stores, "study run --help" for the rest.
package main

import "github.com/advoware-go/advoware/benchmarks/study"

func main() { study.Main() }
