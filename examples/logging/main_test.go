package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// records are the lines of a log.
func records(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(text) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		all = append(all, one)
	}
	return all
}

func TestHandlerKeepsToTheRules(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return withJob{slog.NewJSONHandler(&out, nil)}
	}, func(t *testing.T) map[string]any { return records(t, out.String())[0] })
}

func TestFields(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	r := exampletest.Run(t, exampletest.Env(fake), "-calls")
	if r.Status != 0 {
		t.Fatalf("status %d\n%s", r.Status, r.Stderr)
	}
	calls := 0
	for _, one := range records(t, r.Stderr) {
		if one["service"] != "example" {
			t.Errorf("without the field of all: %v", one)
		}
		if one["msg"] != "api request" {
			continue
		}
		calls++
		if job, _ := one["job"].(string); !strings.HasPrefix(job, "read /") || one["kanzlei"] != fake.Options().Kanzlei || one["status"] != 200.0 {
			t.Errorf("a call without its fields: %v", one)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls in the log\n%s", calls, r.Stderr)
	}
}

// Nothing at all, Redis being away included, is not JSON or has a secret in it.
func TestNoSecretAtAnyLevel(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: -1})
	r := exampletest.Run(t, exampletest.Env(fake), "-level", "debug")
	all := records(t, r.Stderr)
	if last := all[len(all)-1]; r.Status != 1 || last["msg"] != "failed" {
		t.Errorf("status %d, and at the end %v", r.Status, last)
	}
	for _, secret := range []string{fake.Options().Password, fake.Options().APIKey} {
		if strings.Contains(r.Stderr, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestLevel(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	for _, one := range records(t, exampletest.Run(t, exampletest.Env(fake), "-level", "warn").Stderr) {
		if one["level"] != "WARN" || !strings.Contains(one["msg"].(string), "Redis") {
			t.Errorf("at level warn: %v", one)
		}
	}
	if r := exampletest.Run(t, exampletest.Env(fake), "-level", "loud"); r.Status != 2 {
		t.Errorf("a level that is none: status %d", r.Status)
	}
}
