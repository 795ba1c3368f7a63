//go:build !unix

package benchmarks

import "time"

func cpuTime() time.Duration { return 0 }

// mostFiles is how many files a process may have open, at least.
func mostFiles() int { return 1024 }
