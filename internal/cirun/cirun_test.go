//go:build unix

package cirun_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programs are those that .ci/run starts, as far as it can tell them from the real ones. FAILS
// names a target.
var programs = map[string]string{
	"bin/go": `#!/bin/sh
case "$*" in *call*) echo '[{"id":1}]' ;; esac
`,
	"bin/make": `#!/bin/sh
echo "$1" >>"$LOG"
case "$*" in release*) for a; do case $a in DIST=*) cd "${a#DIST=}" && touch a b c d && sha256sum a b c d >SHA256SUMS ;; esac; done ;; esac
if [ "$1" = "$FAILS" ]; then
	case $1 in
	test) printf '=== What failed\n\nstore TestX\n    x_test.go:5: because\n\nFAILED store TestX\nDONE 1 tests\n' ;;
	chaos) printf '%s\n' '--- FAIL: TestX (0.00s)' '    x_test.go:5: because'; seq 1000; printf 'FAIL\texample.test\n' ;;
	*) seq 1000; echo because ;;
	esac
	exit 2
fi
`,
	"tools/need": "#!/bin/sh\n",
}

// run runs .ci/run in a folder of its own, and returns what was made and what was said.
func run(t *testing.T, fails string) (made, said string, status int) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	dir := t.TempDir()
	files := map[string]string{}
	for _, name := range []string{"run", "failures"} {
		text, err := os.ReadFile(filepath.Join("..", "..", ".ci", name))
		if err != nil {
			t.Fatal(err)
		}
		files[".ci/"+name] = string(text)
	}
	for name, text := range programs {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o777)); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, "log")
	cmd := exec.Command("bash", filepath.Join(dir, ".ci", "run"))
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "LOG="+log, "FAILS="+fails)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return " " + strings.Join(strings.Fields(string(text)), " ") + " ", string(out), cmd.ProcessState.ExitCode()
}

func TestAllIsRun(t *testing.T) {
	made, said, status := run(t, "")
	if status != 0 || !strings.Contains(said, "=== all is well") || strings.Contains(said, "FAILED") {
		t.Errorf("status %d:\n%s", status, said)
	}
	for _, target := range strings.Fields("test test-rest test-more chaos suites mutants bench fuzz lint model-short release ports") {
		if strings.Count(made, " "+target+" ") != 1 {
			t.Errorf("make %s is missing: %s", target, made)
		}
	}
}

// The end of a long output has what failed, and why.
func TestTheEndSaysWhatFailed(t *testing.T) {
	for name, tt := range map[string]struct {
		fails   string
		end     []string
		without string // what is not run any more
	}{
		"internal/gotest": {"test", []string{"=== FAILED: make test ", "FAILED store TestX"}, "test-rest"},
		"go test":         {"chaos", []string{"=== FAILED: make chaos", "--- FAIL: TestX (0.00s)\n    x_test.go:5: because", "FAIL\texample.test"}, "suites"},
		"no test":         {"bench", []string{"=== FAILED: every benchmark", "\n999\n1000\nbecause\n"}, "fuzz"},
		"lint":            {"lint", []string{"=== FAILED: make lint", "\n1000\nbecause\n"}, "test"},
		"a function":      {"release", []string{"=== FAILED: the command's archives", "because"}, "ports"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, said, status := run(t, tt.fails)
			end := said[max(0, len(said)-1000):]
			for _, part := range tt.end {
				if !strings.Contains(end, part) {
					t.Errorf("%q is not at the end", part)
				}
			}
			if status != 1 || strings.Contains(made, " "+tt.without+" ") || strings.Contains(said, "all is well") {
				t.Errorf("status %d, made%s", status, made)
			}
			if t.Failed() {
				t.Logf("it said at the end:\n%s", end)
			}
		})
	}
}
