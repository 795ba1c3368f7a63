package main_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Where only reading is permitted, a write says which variable forbids it, and nothing
// reaches the API or the gateway.
func TestWriteWhereOnlyReadingIsPermitted(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), "ADVOWARE_READ_ONLY=true")
	for _, args := range [][]string{
		{"call", "POST", "/appointments", "-d", `{"datum":"2026-02-10","text":"x"}`}, {"call", "DELETE", "/appointments/1"}, {"call", "put", "/appointments/1"},
		{"call", "GET", "/employees", "-H", "X-HTTP-Method-Override: DELETE"}, {"call", "POST", "/appointments", "--repeat", "3"},
	} {
		got := run(t, vars, append(args, "--store", "memory")...)
		got.wantFailure(t, 2, "only reading is permitted", "ADVOWARE_READ_ONLY=true")
		if strings.Count(got.err, "\n") != 1 {
			t.Errorf("%q: %q; want one line", args, got.err)
		}
	}
	if n := fake.Counts(); n.APICalls != 0 || n.TokenRequests != 0 {
		t.Errorf("%+v", n)
	}
	if got := run(t, vars, "call", "get", "/employees", "--store", "memory"); got.status != 0 {
		t.Errorf("a GET: %+v", got)
	}
}
