//go:build race

package discovery_test

// cold is how many processes start at the same time. With the race detector, the start of 32
// takes two cores longer than a call waits for Redis.
const cold = 8
