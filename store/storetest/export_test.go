package storetest

import "testing"

// Promises are the names of all cases, for the tests of the suite itself.
func Promises() []string {
	var names []string
	for _, p := range promises {
		names = append(names, p.name)
	}
	return names
}

// Try runs one case on t, which need not be a *testing.T.
func Try(t testing.TB, name string, c Config) {
	for _, p := range promises {
		if p.name == name {
			p.test(t, c)
		}
	}
}
