package leaktest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/leaktest"
)

const swordfish = "swordfish and 23 more bytes"

// TestLeaksAreFound shows that the tests that use Check can fail.
func TestLeaksAreFound(t *testing.T) {
	for name, found := range map[string][]string{
		"string": leaktest.Leaks(swordfish, swordfish),
		"bytes":  leaktest.Leaks([len(swordfish)]byte([]byte(swordfish)), swordfish),
	} {
		want(t, name, found,
			[]string{"value", "slice", "map key", "map value", "exported field", "unexported field", "pointer to unexported field", "deeper", "interface"},
			[]string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "Errorf", "Println", "slog text", "walk"})
		want(t, name, found, []string{"value", "exported field"}, []string{"slog json", "json"})
		want(t, name, found, []string{"exported field"}, []string{"gob"})
	}
	want(t, "string", leaktest.Leaks(swordfish, swordfish), []string{"value", "slice", "exported field"}, []string{"xml", "cmp", "template"})
	want(t, "string", leaktest.Leaks(swordfish, swordfish), []string{"unexported field", "deeper", "interface"}, []string{"cmp, unexported too"})
	want(t, "a value that is no map key", leaktest.Leaks([]string{swordfish}, swordfish), []string{"value", "slice"}, []string{"%v", "json"})
	want(t, "error", leaktest.Leaks(errors.New(swordfish), swordfish), []string{"value", "slice", "exported field"}, []string{"%v", "Errorf", "slog text"})
	want(t, "the second secret", leaktest.Leaks(swordfish, "nowhere to be found", swordfish), []string{"value"}, []string{"%v"})
}

func want(t *testing.T, name string, found, whats, hows []string) {
	t.Helper()
	for _, what := range whats {
		for _, how := range hows {
			if !slices.Contains(found, what+": "+how) {
				t.Errorf("%s: %s: %s: not found", name, what, how)
			}
		}
	}
}

func TestNoLeakIsFoundInOtherText(t *testing.T) {
	if found := leaktest.Leaks("nothing of that kind", swordfish); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}

func TestCheck(t *testing.T) {
	var r recorder
	leaktest.Check(&r, "the fish", "nothing of that kind", swordfish)
	if len(r.errors) > 0 {
		t.Errorf("no secret is shown, and Check says %q", r.errors)
	}
	leaktest.Check(&r, "the fish", swordfish, swordfish)
	if len(r.errors) != 1 || !strings.HasPrefix(r.errors[0], "the fish shows a secret") || strings.Contains(r.errors[0], swordfish) {
		t.Errorf("a secret is shown, and Check says %q", r.errors)
	}
}

// recorder is a test that keeps what it is told.
type recorder struct {
	testing.TB
	errors []string
}

func (*recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
