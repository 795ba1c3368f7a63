package archtest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestOwnProgramInAnEmptyFolder does what the README says of a program of one's own, in a
// folder with nothing in it but the program of the quick start.
func TestOwnProgramInAnEmptyFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are for a shell")
	}
	readme := document(t, "README.md")
	program := firstBlock(t, readme, "## Quick start", "go")
	commands := firstBlock(t, readme, "use a checkout", "sh")
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "mine")
	for _, err := range []error{
		os.Symlink(checkout, filepath.Join(dir, "advoware")), os.Mkdir(folder, 0o777),
		os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o666),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it is compiled here
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", commands)
	cmd.Dir, cmd.WaitDelay = folder, 5*time.Second
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	// With -trimpath the build cache knows a package again that is in another folder. There
	// is no Redis at port 1.
	cmd.Env = append(cmd.Env, "GOFLAGS=-trimpath", "GOWORK=off", "PWD="+folder, "REDIS_PORT=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "Jördis Müller-Lüdenscheidt"); n != 2 {
		t.Errorf("the quick start says so %d times, not twice:\n%s", n, out)
	}
}

// document returns the text of a file below root.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firstBlock returns the first block in a language that comes after a text.
func firstBlock(t *testing.T, document, after, language string) string {
	t.Helper()
	_, rest, _ := strings.Cut(document, after)
	m := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)```\n").FindStringSubmatch(rest)
	if m == nil {
		t.Fatalf("there is no block of %s after %q", language, after)
	}
	return m[1]
}
