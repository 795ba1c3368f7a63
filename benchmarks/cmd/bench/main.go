// The command bench runs the benchmarks of this module and says how they compare
// with the goals. See the package bench beside it.
package main

import "github.com/advoware-go/advoware/benchmarks/bench"

func main() { bench.Main() }
