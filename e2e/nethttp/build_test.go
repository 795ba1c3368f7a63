package nethttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// suite is net/http's tests as a program.
type suite struct{ program, dir string }

// A package whose path begins with bootstrap/ may import what is internal to the standard
// library, as the tests do.
const modulePath = "bootstrap/nethttp"

// tooLong is when what hangs is ended. Compiling takes half a minute, the tests as long.
const tooLong = 4 * time.Minute

// build builds the tests of net/http, or of a package below it, of the Go that runs this test.
func build(t *testing.T, below string) suite {
	t.Helper()
	source := filepath.Join(goEnv(t, "GOROOT"), "src", "net", "http")
	tested := filepath.Join(source, below)
	tests, _ := filepath.Glob(filepath.Join(tested, "*_test.go"))
	if len(tests) == 0 {
		const missing = "this Go came without the tests of its standard library"
		if os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := make(map[string]string)
	name := "http_test"
	if below != "" { // a whole package, with the tests that are inside
		name = below
		tests, _ = filepath.Glob(filepath.Join(tested, "*.go"))
	}
	for _, file := range tests {
		if below != "" || bytes.Contains(read(t, file), []byte("\npackage "+name+"\n")) {
			replace[filepath.Join(dir, filepath.Base(file))] = file
		}
	}
	// What the tests of net/http need of the package itself, as a part of it.
	for name, file := range map[string]string{
		"exported":   filepath.Join(source, "export_test.go"),
		"resetproxy": filepath.Join(source, "proxy_test.go"),
		"between":    filepath.Join(root, "e2e", "nethttp", "testdata", "between.go"),
	} {
		replace[filepath.Join(source, "zz_"+name+".go")] = file
	}
	for _, c := range []struct{ file, old, new string }{
		{"client.go", "resp, err = rt.RoundTrip(req)", "resp, err = throughBetween(rt, req)"},
		{"roundtrip.go", "return t.roundTrip(req)", "return throughBetween(t, req)"},
	} {
		text := string(read(t, filepath.Join(source, c.file)))
		if strings.Count(text, c.old) != 1 {
			t.Fatalf("net/http's %s has not one %q: %s is another Go than this test is for", c.file, c.old, runtime.Version())
		}
		changed := filepath.Join(dir, "changed", c.file)
		write(t, changed, strings.Replace(text, c.old, c.new, 1))
		replace[filepath.Join(source, c.file)] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(overlay))
	write(t, filepath.Join(dir, "between_test.go"), "package "+name+`

import (
	"net/http"
	"os"

	"github.com/advoware-go/advoware/e2e/nethttp/between"
)

func init() {
	switch os.Getenv("ADVOWARE_BETWEEN") {
	case "Token":
		http.Between = between.Token
	case "Refused":
		http.Between = between.Refused
	}
}
`)
	_, requirements, _ := strings.Cut(string(read(t, filepath.Join(root, "go.mod"))), "\n")
	write(t, filepath.Join(dir, "go.mod"), "module "+modulePath+"\n"+requirements+
		"\nrequire github.com/advoware-go/advoware v0.0.0\n\nreplace github.com/advoware-go/advoware => "+root+"\n")
	write(t, filepath.Join(dir, "go.sum"), string(read(t, filepath.Join(root, "go.sum"))))

	program := filepath.Join(dir, "nethttp.test")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	// It is not vetted: its imports are those of the standard library.
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-w", "-overlay=overlay.json", "-o", program, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("net/http's tests are not built: %v\n%s", err, out)
	}
	return suite{program, tested}
}

// run runs the tests in a form, "" for net/http by itself.
func (s suite) run(t *testing.T, form string, known differs, args ...string) results {
	t.Helper()
	out := s.output(t, form, known, append(args, "-test.v")...)
	got := make(results)
	for _, m := range outcome.FindAllStringSubmatch(out, -1) {
		got[m[2]] = m[1]
	}
	if at := strings.Index(out, "\npanic: "); at >= 0 {
		t.Errorf("%s: the tests came to a sudden end: %s", form, out[at:min(len(out), at+4000)])
	}
	return got
}

func (s suite) output(t *testing.T, form string, known differs, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	args = append(args, "-test.timeout="+(tooLong/2).String(), "-test.skip="+strings.Join(known.skip, "|"))
	if !*long {
		args = append(args, "-test.short")
	}
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Dir = s.dir // for its testdata
	cmd.Env = append(os.Environ(), "ADVOWARE_BETWEEN="+form)
	out, err := cmd.CombinedOutput() // err: some fail
	if ctx.Err() != nil {
		t.Errorf("%s: %v: %v", form, context.Cause(ctx), err)
	}
	return string(out)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
