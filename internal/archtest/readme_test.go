package archtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestCheckoutInAnEmptyFolder runs what the README says of using a checkout, in a folder
// with nothing in it, and then compiles the quick start there.
func TestCheckoutInAnEmptyFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are for a shell")
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	_, commands, _ := strings.Cut(readme, "use a checkout")
	_, commands, _ = strings.Cut(commands, "```sh\n")
	commands, _, found := strings.Cut(commands, "```")
	if !found || !strings.Contains(commands, "go ") {
		t.Fatal("the README has no commands for a checkout")
	}
	_, code, _ := strings.Cut(readme, "## Quick start")
	_, code, _ = strings.Cut(code, "```go\n")
	code, _, _ = strings.Cut(code, "```")

	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "mine")
	for _, err := range []error{os.Symlink(root, filepath.Join(dir, "advoware")), os.Mkdir(folder, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		// With -trimpath the build cache knows a package again that is in another folder.
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOWORK=off", "PWD="+folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
	}
	run("sh", "-e", "-c", commands)
	if err := os.WriteFile(filepath.Join(folder, "mine.go"), []byte("package mine\n\n"+code), 0o666); err != nil {
		t.Fatal(err)
	}
	run("go", "vet", ".")
}
