package machine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study/machine"
)

const library = "github.com/advoware-go/advoware"

// A program that was built by somebody else is not mistaken for the library.
func TestLibrary(t *testing.T) {
	checkout, head := repository(t, "// a comment\nmodule "+library+"\n\ngo 1.26\n")
	other, _ := repository(t, "module example.com/other\n")
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"}}
	mine := debug.Module{Path: "example.com/mine", Version: "v0.9.0"}
	dep := func(d debug.Module) []*debug.Module {
		return []*debug.Module{{Path: "example.com/more", Version: "v3.0.0"}, &d}
	}
	for name, tt := range map[string]struct {
		program  debug.BuildInfo
		in       string // the folder that it runs in
		version  string
		modified bool
	}{
		"the command, built":          {debug.BuildInfo{Main: debug.Module{Path: library + "/benchmarks", Version: "(devel)"}, Settings: vcs}, other, "0123", true},
		"the command, run":            {debug.BuildInfo{Main: debug.Module{Path: library + "/benchmarks"}}, checkout, head, false},
		"the command, run elsewhere":  {debug.BuildInfo{Main: debug.Module{Path: library + "/benchmarks"}}, other, "", false},
		"the command, released":       {debug.BuildInfo{Main: debug.Module{Path: library + "/benchmarks", Version: "v1.2.3"}}, other, "v1.2.3", false},
		"another of a similar name":   {debug.BuildInfo{Main: debug.Module{Path: library + "-too"}, Settings: vcs}, checkout, "", false},
		"a program, released":         {debug.BuildInfo{Main: mine, Settings: vcs, Deps: dep(debug.Module{Path: library, Version: "v1.2.3"})}, other, "v1.2.3", false},
		"a program, with a checkout":  {debug.BuildInfo{Main: mine, Settings: vcs, Deps: dep(debug.Module{Path: library, Version: "v0.0.0", Replace: &debug.Module{Path: checkout}})}, other, head, false},
		"a program, with a copy":      {debug.BuildInfo{Main: mine, Settings: vcs, Deps: dep(debug.Module{Path: library, Version: "v0.0.0", Replace: &debug.Module{Path: t.TempDir(), Version: "(devel)"}})}, checkout, "", false},
		"a program, with a fork":      {debug.BuildInfo{Main: mine, Settings: vcs, Deps: dep(debug.Module{Path: library, Version: "v0.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.2.4"}})}, checkout, "example.com/fork@v1.2.4", false},
		"a program without a library": {debug.BuildInfo{Main: mine, Settings: vcs}, checkout, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(tt.in)
			if version, modified := machine.Library(&tt.program); version != tt.version || modified != tt.modified {
				t.Errorf("got %q, modified %t; want %q, %t", version, modified, tt.version, tt.modified)
			}
		})
	}
	if err := os.WriteFile(filepath.Join(checkout, "go.mod"), []byte("module "+library+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := debug.BuildInfo{Main: mine, Deps: dep(debug.Module{Path: library, Replace: &debug.Module{Path: checkout}})}
	if version, modified := machine.Library(&program); version != head || !modified {
		t.Errorf("a checkout with changes: got %q, modified %t", version, modified)
	}
}

// repository makes a git repository of one commit with a go.mod.
func repository(t *testing.T, mod string) (folder, head string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on PATH: which commit is checked out cannot be asked")
	}
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte(mod), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"init -q", "add go.mod", "-c user.name=t -c user.email=t@example.com -c commit.gpgsign=false commit -q -m one", "rev-parse HEAD",
	} {
		cmd := exec.Command("git", strings.Fields(args)...)
		cmd.Dir = folder
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %s: %v", args, err)
		}
		head = strings.TrimSpace(string(out))
	}
	return folder, head
}
