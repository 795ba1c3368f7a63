package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
)

func TestLogLevels(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), noRedis(t)...)
	for level, want := range map[string]string{
		"debug": "DEBUG INFO WARN",
		"info":  "INFO WARN",
		"warn":  "WARN",
		"error": "",
	} {
		for _, format := range []string{"text", "json"} {
			got := run(t, vars, "call", "GET", "/employees", "--log-level", level, "--log-format", format)
			if got.status != 0 || got.out != employees(t, fake) {
				t.Errorf("%s: status %d, stdout %q; want the body alone", level, got.status, got.out)
			}
			seen := make(map[string]bool)
			for line := range strings.Lines(got.err) {
				seen[levelOf(t, format, line)] = true
			}
			for _, l := range []string{"DEBUG", "INFO", "WARN", "ERROR"} {
				if seen[l] != strings.Contains(want, l) {
					t.Errorf("--log-level %s --log-format %s: %s is there: %t; stderr %q", level, format, l, seen[l], got.err)
				}
			}
		}
	}
}

func levelOf(t *testing.T, format, line string) string {
	t.Helper()
	if format == "json" {
		var record struct{ Level string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("%v: %q", err, line)
		}
		return record.Level
	}
	_, rest, _ := strings.Cut(line, "level=")
	level, _, _ := strings.Cut(rest, " ")
	return level
}

// TestDefaultLevelIsWarn: a failed call is one line, not a record and a line.
func TestDefaultLevelIsWarn(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	for _, level := range [][]string{nil, {"--log-level", "warn"}} {
		run(t, fake.Env(), append([]string{"call", "GET", "/nothing", "--store", "memory"}, level...)...).
			wantFailure(t, 1, "API status 404")
	}
}

func TestLogShowsNoSecret(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Password: "Kennwort mit \"Ümläuten\""})
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	token := fake.Issue()
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Body: `{"sent":"Kennwort"}`})
	for _, format := range []string{"text", "json"} {
		got := run(t, append(fake.Env(), noRedis(t)...), "call", "GET", "/api/v1/Echo", "--log-level", "debug", "--log-format", format)
		if form, found := leaktest.Find(got.err, fake.Options().Password, fake.Options().APIKey, token); found {
			t.Errorf("%s: shown as %q:\n%s", format, form, got.err)
		}
		if strings.Contains(got.err, "Bearer ") || strings.Contains(got.err, "eyJ") {
			t.Errorf("%s: a token is shown:\n%s", format, got.err)
		}
	}
}
