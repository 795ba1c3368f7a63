package main_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// steps returns what --verbose says, without the times in front.
func steps(t *testing.T, vars []string, args ...string) []string {
	t.Helper()
	got := run(t, vars, append(args, "--verbose")...)
	var all []string
	for line := range strings.Lines(got.err) {
		m := regexp.MustCompile(`^\* +\d+\.\d{3}s  (.*)\n$`).FindStringSubmatch(line)
		if m == nil || got.status != 0 {
			t.Fatalf("status %d, stderr %q", got.status, got.err)
		}
		all = append(all, m[1])
	}
	return all
}

// wantSteps checks that each pattern is that of one step, in this order; connections apart,
// whose number depends on what is kept open.
func wantSteps(t *testing.T, steps []string, patterns ...string) {
	t.Helper()
	var rest []string
	for _, s := range steps {
		if !strings.HasPrefix(s, "connected to ") {
			rest = append(rest, s)
		} else if !regexp.MustCompile(`^connected to \S+ \(\S+s\)$`).MatchString(s) {
			t.Errorf("%q", s)
		}
	}
	for i, pattern := range patterns {
		if i >= len(rest) || !regexp.MustCompile("^"+pattern+"$").MatchString(rest[i]) {
			t.Fatalf("step %d: want %s in\n%s", i, pattern, strings.Join(rest, "\n"))
		}
	}
	if len(rest) != len(patterns) {
		t.Errorf("%d steps, want %d:\n%s", len(rest), len(patterns), strings.Join(rest, "\n"))
	}
}

func TestVerbose(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.DiscoveryEnv(), redisAt(server)...)
	const (
		took   = ` \(\S+s\)`
		tok    = `[0-9a-f]{8}`
		begins = `Kanzlei sandbox-kanzlei, user sandbox-user; tokens are kept in Redis at 127\.0\.0\.1:\d+ as advoware_sandbox_access_token`
	)
	get := []string{"call", "GET", "/employees", "-q", "secret=geheim"}
	where := fmt.Sprintf(`the API is at http://%s, the gateway at http://%[1]s`, regexp.QuoteMeta(fake.Options().Addr))
	requested := `token: none is at hand, one is requested from http://\S+/Token for user sandbox-user of Kanzlei sandbox-kanzlei`
	issued := `token: ` + tok + ` was issued` + took + `, and is used until \S+Z`
	ok := `GET /employees: 200 OK` + took + `, with token ` + tok

	wantSteps(t, steps(t, vars, get...), begins, `discovery: asked http://\S+: `+where+took, requested, issued, ok)
	wantSteps(t, steps(t, vars, get...), begins, `discovery: remembered in Redis: `+where+took, `token: `+tok+` was in Redis, where another process has put it`+took, ok)
	wantSteps(t, steps(t, vars, append(get, "--store", "redis")...), begins, `discovery: remembered in Redis: `+where+took, `token: `+tok+` was in Redis`+took, ok)
	wantSteps(t, steps(t, vars, "token"), begins, `token: `+tok+` was in Redis`+took)

	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	wantSteps(t, steps(t, vars, get...), begins, `discovery: remembered in Redis: `+where+took, `token: `+tok+` was in Redis, where another process has put it`+took,
		`GET /employees: 401 Unauthorized`+took+`, with token `+tok+`: if there is another token, the request is made once more`,
		`token: the API refused `+tok+`: it is given up, and another one is looked for`, requested, issued, ok)

	got := run(t, append(vars, "ADVOWARE_TOKEN_KEY=another", "ADVOWARE_PASSWORD=falsch-geheim"), append(get, "-v")...)
	if got.status != 1 || !strings.Contains(got.err, "s  token: the request failed; the next attempt is due in ") || strings.Contains(got.err, "geheim") {
		t.Errorf("status %d, %s", got.status, got.err)
	}
	run(t, vars, get...).wantQuiet(t)
}
