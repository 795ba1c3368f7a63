package main_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A command that is run again within the minute says in one line what the first one said:
// what kind of failure it is, the vendor's words, and when the next attempt is.
func TestCommandRunAgainSaysWhyItIsRefused(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(redistest.Start(t))...)
	vars = append(vars, "ADVOWARE_PASSWORD="+wrongPassword)
	next := regexp.MustCompile(`next attempt after \d\d:\d\d:\d\dZ`)
	for _, args := range [][]string{
		{"call", "GET", "/employees"}, {"call", "GET", "/employees"}, {"token"}, {"call", "GET", "/employees", "--store", "redis"},
	} {
		got := run(t, vars, args...)
		got.wantFailure(t, 1, "token request refused", "401", "Falscher Name oder falsches Kennwort")
		if !next.MatchString(got.err) || strings.Count(got.err, "\n") != 1 || strings.Contains(got.err, wrongPassword) {
			t.Errorf("%q: %q; want one line that says when the next attempt is, and not the password", args, got.err)
		}
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}
