// Package build says what a program was built from.
package build

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Info is what a build knows of itself. In JSON all fields are there.
type Info struct {
	Version  string `json:"version"`  // of the release, or of the module; "(devel)" if neither is known
	Commit   string `json:"commit"`   // "" if it was not built in a checkout
	Time     string `json:"time"`     // of the commit, RFC 3339, UTC; "" likewise
	Modified bool   `json:"modified"` // the checkout had changes that are not in the commit
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`

	Dependencies []Module `json:"dependencies"` // sorted by path
}

// Module is a dependency. Sum is what go.sum has of it, "" for one that is replaced by a
// folder.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"`
}

// Read returns what the running program was built from. Release is the version that the
// linker was given, "" for none.
func Read(release string) Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	i := From(info)
	i.Version = cmp.Or(release, i.Version)
	return i
}

// From returns what a build says of itself.
func From(b *debug.BuildInfo) Info {
	i := Info{
		Version: cmp.Or(b.Main.Version, "(devel)"), Go: cmp.Or(b.GoVersion, runtime.Version()),
		OS: runtime.GOOS, Arch: runtime.GOARCH, Dependencies: []Module{},
	}
	for _, s := range b.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.time":
			i.Time = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		case "GOOS":
			i.OS = s.Value
		case "GOARCH":
			i.Arch = s.Value
		}
	}
	for _, m := range b.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		i.Dependencies = append(i.Dependencies, Module{m.Path, m.Version, m.Sum})
	}
	slices.SortFunc(i.Dependencies, func(a, b Module) int { return cmp.Compare(a.Path, b.Path) })
	return i
}

// String returns it in lines: the first one has the name of the program, which is advoware.
func (i Info) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "advoware %s %s %s/%s\n", i.Version, i.Go, i.OS, i.Arch)
	if i.Commit != "" {
		changed := ""
		if i.Modified {
			changed = ", with changes that are not in it"
		}
		fmt.Fprintf(&b, "commit %s of %s%s\n", i.Commit, cmp.Or(i.Time, "an unknown time"), changed)
	}
	for _, m := range i.Dependencies {
		fmt.Fprintf(&b, "with %s %s\n", m.Path, m.Version)
	}
	return b.String()
}
