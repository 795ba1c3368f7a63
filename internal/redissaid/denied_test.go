package redissaid_test

import (
	"errors"
	"testing"

	"github.com/advoware-go/advoware/internal/redissaid"
)

func TestDenied(t *testing.T) {
	for text, want := range map[string]bool{
		"NOPERM this user has no permissions to run the 'eval' command": true,
		"READONLY You can't write against a read only replica.":         true,
		"ERR unknown command 'EVALSHA'":                                 true,
		"ERR Lua scripting is disabled":                                 true,
		"WRONGPASS invalid username-password pair or user is disabled.": false,
		"LOADING Redis is loading the dataset in memory":                false,
		"dial tcp 127.0.0.1:6379: connect: connection refused":          false,
	} {
		if got := redissaid.Denied(errors.New(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
