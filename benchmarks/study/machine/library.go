package machine

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// module is the path of the library. What is below it is of the same repository.
const module = "github.com/advoware-go/advoware"

// Library returns which version of the library a program was built with, "" if that
// is not known, and whether there are changes that the version does not have. A
// program of somebody else's has a commit of its own, which says nothing of the library:
// then it is what the program depends on that counts.
func Library(program *debug.BuildInfo) (version string, modified bool) {
	if main := program.Main; main.Path == module || strings.HasPrefix(main.Path, module+"/") {
		for _, s := range program.Settings {
			switch s.Key {
			case "vcs.revision":
				version = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
		if version != "" {
			return version, modified
		}
		return released(main, ".")
	}
	for _, dep := range program.Deps {
		switch {
		case dep.Path != module:
		case dep.Replace == nil:
			return released(*dep, "")
		case filepath.IsAbs(dep.Replace.Path) || strings.HasPrefix(dep.Replace.Path, "."):
			return checkedOut(dep.Replace.Path)
		default: // a fork
			return dep.Replace.Path + "@" + dep.Replace.Version, false
		}
	}
	return "", false
}

// released returns the version of a module, or what is checked out in a folder if it has
// none.
func released(m debug.Module, folder string) (version string, modified bool) {
	if m.Version != "" && m.Version != "(devel)" {
		return m.Version, false
	}
	return checkedOut(folder)
}

// checkedOut asks git about a folder: go run notes no commit. A folder that is no
// checkout of the library has nothing to say.
func checkedOut(folder string) (commit string, modified bool) {
	if folder == "" {
		return "", false
	}
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", folder}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	top, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		return "", false
	}
	mod, err := os.ReadFile(filepath.Join(top, "go.mod"))
	if err != nil || !strings.Contains("\n"+string(mod), "\nmodule "+module+"\n") {
		return "", false
	}
	commit, err = git("rev-parse", "HEAD")
	if err != nil {
		return "", false
	}
	changes, err := git("status", "--porcelain", "--untracked-files=no")
	return commit, err == nil && changes != ""
}
