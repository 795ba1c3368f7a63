package main_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// requirePython turns the skip without a Python into a failure, if it is set to 1.
const requirePython = "ADVOWARE_REQUIRE_PYTHON"

// The example of the documents: a Python program is tested against the sandbox, as a file
// that Python runs and, where there is one, by pytest.
func TestSandboxFromPython(t *testing.T) {
	const file = "../../docs/examples/sandbox_test.py"
	python, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(t.Context(), python, "-c", "import hmac").Run() != nil {
		if os.Getenv(requirePython) == "1" {
			t.Fatalf("no python3 on PATH, and %s=1 demands one", requirePython)
		}
		t.Skipf("no python3 on PATH: %s is not run (%s=1 makes this a failure)", file, requirePython)
	}
	want := strings.Count(read(t, file), "\ndef test_")
	python3 := func(args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), tooLong)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, args...)
		cmd.Env = append(os.Environ(), "ADVOWARE_COMMAND="+binary, "PYTHONDONTWRITEBYTECODE=1", "no_proxy=127.0.0.1", "GORACE=atexit_sleep_ms=0")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("python3 %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if out := python3(file); strings.Count(out, " passed\n") != want {
		t.Errorf("%d of %s passed:\n%s", want, file, out)
	}
	if exec.CommandContext(t.Context(), python, "-c", "import pytest").Run() == nil {
		python3("-m", "pytest", "-q", "-p", "no:cacheprovider", file)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
