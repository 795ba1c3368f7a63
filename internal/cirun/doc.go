// Package cirun has the tests of .ci/run, which runs all that must hold.
package cirun
