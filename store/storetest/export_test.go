package storetest

import (
	"slices"
	"testing"
)

// Promises are the names of all cases of Run, for the tests of the suite itself.
func Promises() []string { return names(promises) }

// SharedPromises are the names of all cases of RunShared.
func SharedPromises() []string { return names(sharedPromises) }

// ManyPromises are the names of all cases of RunMany.
func ManyPromises() []string { return names(manyPromises) }

func names(promises []promise) (names []string) {
	for _, p := range promises {
		names = append(names, p.name)
	}
	return names
}

// Try runs one case on t, which need not be a *testing.T.
func Try(t testing.TB, name string, c Config) {
	for _, p := range slices.Concat(promises, sharedPromises, manyPromises) {
		if p.name == name {
			p.test(t, c)
		}
	}
}

// LeasePromises are the names of all cases of RunLease.
func LeasePromises() (names []string) {
	for _, p := range leasePromises {
		names = append(names, p.name)
	}
	return names
}

// TryLease runs one case of RunLease on t, which need not be a *testing.T.
func TryLease(t testing.TB, name string, c LeaseConfig) {
	for _, p := range leasePromises {
		if p.name == name {
			p.test(t, c)
		}
	}
}
