//go:build !race

package discovery_test

// cold is how many processes start at the same time.
const cold = 32
