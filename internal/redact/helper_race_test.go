//go:build race

package redact_test

const underRace = true
