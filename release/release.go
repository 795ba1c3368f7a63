package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// release is one under way.
type release struct {
	version   string
	out, work string
	source    source
	files     []file            // what all archives have
	programs  map[string][]byte // by their targets
}

// documents collects what all archives have, and has the program print what it prints.
func (r *release) documents(ctx context.Context) error {
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", ".env.example"} {
		data, err := os.ReadFile(filepath.Join(r.source.dir, name))
		if err != nil {
			return err
		}
		r.files = append(r.files, file{name: name, data: data})
	}
	program := filepath.Join(r.work, "host.exe")
	if err := r.source.program(ctx, r.version, runtime.GOOS+"/"+runtime.GOARCH, "", program); err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"man/man1/advoware.1":       {"man"},
		"completions/advoware.bash": {"completion", "bash"},
		"completions/_advoware":     {"completion", "zsh"},
		"completions/advoware.fish": {"completion", "fish"},
		"completions/advoware.ps1":  {"completion", "powershell"},
	} {
		data, err := output(ctx, r.work, nil, program, args...)
		if err != nil {
			return err
		}
		r.files = append(r.files, file{name: name, data: data})
	}
	return nil
}

// build writes the archive for a target, and its bill of materials.
func (r *release) build(ctx context.Context, target string) error {
	name := filepath.Join(r.work, strings.ReplaceAll(target, "/", "-"))
	if err := r.source.program(ctx, r.version, target, "", name); err != nil {
		return err
	}
	program, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if r.programs == nil {
		r.programs = make(map[string][]byte)
	}
	r.programs[target] = program
	full := "advoware_" + r.version + "_" + strings.ReplaceAll(target, "/", "_")
	windows := strings.HasPrefix(target, "windows/")
	pack, ending, exe := tarball, ".tar.gz", "advoware"
	if windows {
		pack, ending, exe = zipped, ".zip", "advoware.exe"
	}
	files := append(slices.Clone(r.files), file{name: exe, data: program, program: true})
	archive, err := pack(full, files, r.source.time)
	if err != nil {
		return err
	}
	bill, err := billOf(program, r.version, r.source.time)
	if err != nil {
		return err
	}
	fmt.Printf("%s  %d bytes\n", full+ending, len(archive))
	if err := os.WriteFile(filepath.Join(r.out, full+ending), archive, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, full+".cdx.json"), bill, 0o644)
}

// compare builds the programs again, elsewhere and with another cache, and wants the same
// bytes. Only names the one target to compare, "" for all. With "" for the cache, the usual one,
// a folder in what is linked is found, and not a compiler that compiles differently.
func (r *release) compare(ctx context.Context, root, only, cache string) error {
	second, err := clone(ctx, root, filepath.Join(r.work, "second", "elsewhere"))
	if err != nil {
		return err
	}
	for target, want := range r.programs {
		if only != "" && target != only {
			continue
		}
		name := filepath.Join(r.work, "again.exe")
		if err := second.program(ctx, r.version, target, cache, name); err != nil {
			return err
		}
		got, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s: two builds differ: sha256 %x and %x", target, sha256.Sum256(want), sha256.Sum256(got))
		}
		fmt.Printf("%s  built twice, the same bytes\n", target)
	}
	return nil
}

// sums writes the checksums of all files, as sha256sum does.
func (r *release) sums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, e := range entries { // sorted
		data, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), text.Bytes(), 0o644)
}
