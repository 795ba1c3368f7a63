package chaos_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// plant is a fault that is put into the program for a test: a text in a file is replaced.
type plant struct {
	name, file, old, new string
	happens              func(r *round)
	test                 func(w *world) // in place of happens
	latency              time.Duration  // of its gateway
	found                string         // in what is said of it
}

// planted are found by the histories.
var planted = []plant{
	{
		name: "Refresh returns what is there", file: "client/token/source.go",
		old: "want{fresh: true, after: s.account.fetches.Load()}", new: "want{}",
		happens: func(r *round) {
			r.f = append(r.f, r.join(1, refreshes...)...)
			r.f.calls(80)
		},
		found: "the token was requested before the Refresh began",
	},
	{
		name: "what another program writes is not taken over", file: "store/tiered/reconcile.go",
		old: "if tok.Equal(near) {", new: "if !tok.IsZero() {",
		happens: func(r *round) {
			r.set()
			<-time.After(8 * time.Second)
		},
		found: "was too late for it",
	},
	{
		name: "what another program deletes is written back", file: "store/tiered/reconcile.go",
		old: "case errors.Is(err, store.ErrDeleted):\n\t\treturn false, s.deletedInFar(key, near)", new: "case errors.Is(err, store.ErrDeleted):\n\t\treturn true, nil",
		happens: func(r *round) {
			r.del()
			<-time.After(8 * time.Second)
		},
		found: "was too late for it",
	},
}

// Each text that is replaced stands in its file once. This is in the short form, so that whoever
// changes such a file hears of it at once.
func TestPlantedFaultsFitTheProgram(t *testing.T) {
	for _, p := range slices.Concat(planted, plantedInTraces, plantedInTests) {
		if text := source(t, p.file); strings.Count(text, p.old) != 1 {
			t.Errorf("%s: %s has %q %d times, want once: plant another fault", p.name, p.file, p.old, strings.Count(text, p.old))
		}
	}
}

// A fault in the program is found by its histories, and there is a picture of it. It takes a
// compiler for each.
func TestFaultInTheProgramIsFoundByItsHistories(t *testing.T) {
	if long == 0 {
		t.Skip("in the long form only: make chaos")
	}
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := p.play(t)
			found := r.check()
			r.kept = t.Failed()
			if len(found.Violations) != 1 || !strings.Contains(found.Violations[0].What, p.found) {
				t.Fatalf("%+v; want one violation: %s", found, p.found)
			}
			t.Log(found.Violations[0].What)
			page, err := os.ReadFile(found.Violations[0].Picture)
			if err != nil || !strings.Contains(string(page), "<html") {
				t.Errorf("the picture has %d bytes: %v", len(page), err)
			}
		})
	}
}

// play plays a round with a fleet that has the fault.
func (p plant) play(t *testing.T) *round {
	t.Helper()
	w := trialWorld(t)
	w.planted = true
	w.worker = faulty(t, p.file, p.old, p.new)
	r := newRound(w, 3)
	p.happens(r)
	r.f.end()
	r.stop()
	return r
}

// faulty builds a worker with a fault in a file of the library, and returns its path.
func faulty(t *testing.T, file, old, new string) string {
	t.Helper()
	dir := t.TempDir()
	path, err := filepath.Abs(filepath.Join("../..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(source(t, file), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	worker, err := build(filepath.Join(dir, "worker.exe"), "worker", "-overlay", list)
	if err != nil {
		t.Fatal(err)
	}
	return worker
}

// source returns the text of a file of the library.
func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
