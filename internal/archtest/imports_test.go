package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/advoware-go/advoware"

// pkg is what `go list` tells of a package.
type pkg struct {
	ImportPath string
	Imports    []string // of the production code

	TestImports, XTestImports []string
}

func TestImportsKeepToTheTable(t *testing.T) {
	for _, breach := range breaches(list(t), table, bans) {
		t.Error(breach)
	}
}

// list returns the packages of this module and all that they need.
func list(t *testing.T) []pkg {
	t.Helper()
	// go test caches a result until a file changes that the test itself has opened.
	_ = goFiles(t)
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// breaches returns what is wrong with the packages, in words for who did it.
func breaches(all []pkg, table []row, bans []ban) []string {
	var found []string
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	rows := make(map[string]row)
	for _, r := range table {
		if _, twice := rows[r.pkg]; twice {
			complain("%s has two rows in internal/archtest/table_test.go: make them one", r.pkg)
		}
		rows[r.pkg] = r
	}

	seen := make(map[string]bool)
	for _, p := range all {
		name, isOurs := ours(p.ImportPath)
		if !isOurs {
			continue
		}
		seen[name] = true
		r, known := rows[name]
		if !known {
			complain("%s is not in internal/archtest/table_test.go: add a row that says what it answers for and what it may import, and add it to the file map in ARCHITECTURE.md; or put the code into a package that is there", name)
			continue
		}
		for _, imp := range p.Imports {
			if !r.allows(imp) {
				complain("%s imports %s, which its row in internal/archtest/table_test.go does not allow: move the code to a package that may, or let the caller pass in what is needed; if the arrow is right, add it to the row and its reason to ARCHITECTURE.md", name, short(imp))
			}
		}
		for _, unused := range r.unused(p.Imports) {
			complain("%s does not import %s, which its row in internal/archtest/table_test.go allows: take it out of the row", name, unused)
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if !r.allowsInTests(imp, table) {
				complain("the tests of %s import %s: %s", name, short(imp), r.testRule())
			}
		}
	}
	for _, r := range table {
		if !seen[r.pkg] {
			complain("%s has a row in internal/archtest/table_test.go and no code: remove the row", r.pkg)
		}
	}
	return append(found, banned(all, rows, bans)...)
}

func (r row) allows(imp string) bool {
	if name, isOurs := ours(imp); isOurs {
		return slices.Contains(r.ours, name)
	}
	return isStandard(imp) && (r.testKit || !isTesting(imp)) || slices.ContainsFunc(r.modules, holds(imp))
}

// unused returns what the row allows and no production code imports.
func (r row) unused(imports []string) (unused []string) {
	for _, allowed := range slices.Concat(r.ours, r.modules) {
		if !slices.ContainsFunc(imports, func(imp string) bool {
			return short(imp) == allowed || slices.Contains(r.modules, allowed) && holds(imp)(allowed)
		}) {
			unused = append(unused, allowed)
		}
	}
	return unused
}

func (r row) allowsInTests(imp string, table []row) bool {
	name, isOurs := ours(imp)
	switch {
	case isStandard(imp):
		return true
	case r.oracle:
		return name == r.pkg && isOurs || r.allows(imp) || slices.ContainsFunc(testModules, holds(imp))
	case isOurs:
		return true
	}
	return slices.ContainsFunc(testModules, holds(imp)) ||
		slices.ContainsFunc(table, func(r row) bool { return slices.ContainsFunc(r.modules, holds(imp)) })
}

func (r row) testRule() string {
	if r.oracle {
		return "it judges other packages, so its tests keep to its row in internal/archtest/table_test.go too"
	}
	return "no row in internal/archtest/table_test.go has that module; do without, or add it to testModules and its reason to ARCHITECTURE.md"
}

// banned returns the chains of imports that lead where they must not.
func banned(all []pkg, rows map[string]row, bans []ban) []string {
	graph := make(map[string][]string)
	for _, p := range all {
		graph[p.ImportPath] = p.Imports
	}
	var found []string
	for _, p := range all {
		name, isOurs := ours(p.ImportPath)
		if !isOurs || rows[name].testKit {
			continue
		}
		for _, b := range bans {
			if b.from != nil && !slices.Contains(b.from, name) {
				continue
			}
			isThere := func(path string) bool { return slices.ContainsFunc(b.to, holds(path)) }
			if chain := way(graph, p.ImportPath, isThere); chain != nil {
				found = append(found, fmt.Sprintf("%s reaches %s, and must not: %s: cut an arrow of %s",
					name, chain[len(chain)-1], b.why, strings.Join(chain, " -> ")))
			}
		}
	}
	return found
}

// way returns a shortest way from a package to one where isThere is true, nil if
// there is none.
func way(graph map[string][]string, from string, isThere func(string) bool) []string {
	before := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if isThere(at) {
			var chain []string
			for ; at != ""; at = before[at] {
				chain = append(chain, short(at))
			}
			slices.Reverse(chain)
			return chain
		}
		for _, next := range graph[at] {
			if _, seen := before[next]; !seen {
				before[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// ours returns the name that a package of this module has in the table.
func ours(path string) (name string, isOurs bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

// short is ours, or the path as it is.
func short(path string) string {
	name, _ := ours(path)
	return name
}

// holds returns a function that reports whether path is a module's or below it.
func holds(path string) func(module string) bool {
	return func(module string) bool { return path == module || strings.HasPrefix(path, module+"/") }
}

// isStandard: only the standard library has paths that do without a host name.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func isTesting(path string) bool { return holds(path)("testing") }
