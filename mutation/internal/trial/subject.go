// Package trial runs the tests of a package on changed files of it. The files stay as they
// are: the compiler is given the changed ones by -overlay.
package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Subject is a package whose tests are tried.
type Subject struct {
	Package string // as ./client/token, seen from Root
	Root    string // the folder of go.mod
	Temp    string // where files are written

	module  string
	profile *Profile
}

func (s *Subject) dir() string { return filepath.Join(s.Root, s.Package) }

// Files returns what can be changed: the package's code, and the scripts that it embeds.
func (s *Subject) Files(ctx context.Context) ([]string, error) {
	out, err := s.command(ctx, "go", "list", "-json=GoFiles,EmbedFiles,ImportPath", s.Package).Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", s.Package, explained(err))
	}
	var listed struct {
		ImportPath          string
		GoFiles, EmbedFiles []string
	}
	if err := json.Unmarshal(out, &listed); err != nil {
		return nil, err
	}
	s.module = listed.ImportPath
	files := listed.GoFiles
	for _, f := range listed.EmbedFiles {
		if filepath.Ext(f) == ".lua" {
			files = append(files, f)
		}
	}
	for i, f := range files {
		files[i] = filepath.Join(s.dir(), f)
	}
	return files, nil
}

// build compiles the tests. overlay replaces files; what the compiler says comes as an error.
func (s *Subject) build(ctx context.Context, to string, overlay map[string]string, flags ...string) error {
	args := append([]string{"test", "-c", "-vet=off", "-o", to}, flags...)
	if len(overlay) > 0 {
		name := to + ".overlay.json"
		text, err := json.Marshal(map[string]any{"Replace": overlay})
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return err
		}
		args = append(args, "-overlay", name)
	}
	out, err := s.command(ctx, "go", append(args, s.Package)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Subject) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = s.Root
	return c
}

func explained(err error) error {
	if e, ok := err.(*exec.ExitError); ok {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(e.Stderr)))
	}
	return err
}
