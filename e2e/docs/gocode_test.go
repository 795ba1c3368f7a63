//go:build !race

package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/advoware-go/advoware"

// TestGoBlocks compiles the blocks in go, all of them by one command. Then it runs the
// programs, and the tests that are among the others.
func TestGoBlocks(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	var (
		programs []fence
		groups   []*group
	)
	for _, f := range fences(t, "go") {
		switch {
		case f.file == "benchmarks/README.md", f.file == "docs/telemetry.md": // of modules of their own
		case isProgram(f):
			programs = append(programs, f)
			write(t, filepath.Join(dir, fmt.Sprint("program", len(programs)), "main.go"), line(t, f)+f.text)
		default:
			b, err := parseGo(f)
			if err != nil {
				t.Errorf("%s: %v", f, err)
				continue
			}
			if len(groups) == 0 || !groups[len(groups)-1].takes(b) {
				groups = append(groups, new(group))
			}
			groups[len(groups)-1].add(b)
		}
	}
	suite := "package suite_test\n\nimport \"testing\"\n"
	for i, g := range groups {
		name := fmt.Sprint("group", i)
		for j, b := range g.blocks {
			write(t, filepath.Join(dir, name, fmt.Sprintf("block%d.go", j)), g.source(t, name, b))
		}
		write(t, filepath.Join(dir, name, "prelude.go"), g.prelude(name))
		if len(g.tests()) > 0 {
			suite += fmt.Sprintf("import %s \"docs.test/%[1]s\"\n", name)
		}
	}
	for i, g := range groups {
		for _, test := range g.tests() {
			suite += fmt.Sprintf("\nfunc Test%[2]s_%[1]d(t *testing.T) { t.Run(%[3]q, group%[1]d.%[2]s) }\n", i, test, g.blocks[0].file)
		}
	}
	write(t, filepath.Join(dir, "suite", "suite_test.go"), suite)

	env := append(office(t), goFlags, "GOWORK=off", "CGO_ENABLED="+cgo())
	built := filepath.Join(dir, "built")
	if err := os.Mkdir(built, 0o777); err != nil {
		t.Fatal(err)
	}
	mustRun(t, name("go build"), dir, env, "go", "build", "-mod=mod", "./...")
	if len(programs) > 0 { // with -o nothing but programs is compiled
		mustRun(t, name("go build -o"), dir, env, "go", "build", "-mod=mod", "-o", built+string(filepath.Separator), "./...")
	}
	if t.Failed() {
		return
	}
	if strings.Contains(suite, "t.Run") {
		mustRun(t, name("go test"), dir, env, "go", "test", "-mod=mod", "./suite")
	}
	for i, f := range programs {
		t.Run(strings.ReplaceAll(f.String(), "/", "_"), func(t *testing.T) {
			t.Parallel()
			mustRun(t, f, t.TempDir(), append(office(t), "TMPDIR="+t.TempDir()), filepath.Join(built, fmt.Sprint("program", i+1)))
		})
	}
}

func isProgram(f fence) bool { return strings.Contains("\n"+f.text, "\npackage main\n") }

type name string

func (n name) String() string { return string(n) }

// cgo is what the environment of this test says, so that the same packages are used.
func cgo() string {
	out, _ := exec.Command("go", "env", "CGO_ENABLED").Output()
	return strings.TrimSpace(string(out))
}

// newModule returns a folder with a module that uses the checkout, and asks no network.
func newModule(t *testing.T) string {
	t.Helper()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, requires, _ := strings.Cut(read(t, "go.mod"), "\nrequire")
	write(t, filepath.Join(dir, "go.mod"), "module docs.test\n\ngo 1.26.0\n\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+checkout+"\n\nrequire"+requires)
	write(t, filepath.Join(dir, "go.sum"), read(t, "go.sum"))
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// line tells the compiler where what follows comes from.
func line(t *testing.T, f fence) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(f.file)))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("//line %s:%d\n", path, f.line)
}

// goBlock is a block that is no program.
type goBlock struct {
	fence
	parsed *ast.File
	body   bool // statements, not declarations
}

func parseGo(f fence) (goBlock, error) {
	text := f.text
	if clause, rest, found := strings.Cut(text, "\n"); found && strings.HasPrefix(clause, "package ") {
		f.text = "\n" + rest // of whatever package: here it is one of ours
	}
	b := goBlock{fence: f}
	var asBody error
	parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+f.text, 0)
	if err != nil {
		b.body = true
		parsed, asBody = parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+f.text+"\n}", 0)
	}
	b.parsed = parsed
	if asBody != nil {
		return b, fmt.Errorf("neither declarations (%w) nor statements (%w)", err, asBody)
	}
	return b, nil
}

// declared returns the names that a block of declarations declares.
func (b goBlock) declared() []string {
	var names []string
	if !b.body {
		names = slices.Collect(maps.Keys(b.parsed.Scope.Objects))
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "_" })
}

// group is blocks of one document that are compiled together: one may use what another
// declares. A name that is declared anew begins the next group.
type group struct{ blocks []goBlock }

func (g *group) takes(b goBlock) bool {
	return g.blocks[0].file == b.file && !slices.ContainsFunc(b.declared(), func(name string) bool { return slices.Contains(g.declared(), name) })
}

func (g *group) add(b goBlock) { g.blocks = append(g.blocks, b) }

func (g *group) declared() []string {
	var names []string
	for _, b := range g.blocks {
		names = append(names, b.declared()...)
	}
	return names
}

// tests returns the names of the tests that the group declares.
func (g *group) tests() []string {
	var names []string
	for _, b := range g.blocks {
		for _, d := range b.parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && !b.body {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// source returns a file for a block, with the imports that it leaves out.
func (g *group) source(t *testing.T, pkg string, b goBlock) string {
	text := "package " + pkg + "\n\n"
	for _, name := range unresolved(b.parsed) {
		if path, known := packages[name]; known && !slices.Contains(g.declared(), name) {
			text += fmt.Sprintf("import %s %q\n", name, path)
		}
	}
	if !b.body {
		return text + line(t, b.fence) + b.text
	}
	results, end := "", ""
	f := b.parsed.Decls[0].(*ast.FuncDecl)
	if n := returned(f.Body); n > 0 {
		results, end = "("+strings.Repeat("any, ", n-1)+"error)", "panic(0)\n"
	}
	for _, name := range assigned(f.Body) {
		end = "_ = " + name + "\n" + end
	}
	return text + "func _() " + results + " {\n" + line(t, b.fence) + b.text + "//line end.go:1\n" + end + "}\n"
}

// unresolved returns the names that a file uses and does not declare, nor import.
func unresolved(file *ast.File) []string {
	var names []string
	for _, id := range file.Unresolved {
		names = append(names, id.Name)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
			path := strings.Trim(i.Path.Value, `"`)
			return i.Name != nil && i.Name.Name == name || i.Name == nil && (path == packages[name] || filepath.Base(path) == name)
		})
	})
}

// assigned returns the variables of the body itself, which may be unused in an example.
func assigned(body *ast.BlockStmt) []string {
	var names []string
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.AssignStmt:
			for _, left := range s.Lhs {
				if id, ok := left.(*ast.Ident); ok && s.Tok == token.DEFINE {
					names = append(names, id.Name)
				}
			}
		case *ast.DeclStmt:
			if d, ok := s.Decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
				for _, spec := range d.Specs {
					for _, id := range spec.(*ast.ValueSpec).Names {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "_" })
}

// returned returns how many values the body returns, itself and not by a function in it.
func returned(body *ast.BlockStmt) int {
	n := 0
	ast.Inspect(body, func(node ast.Node) bool {
		if r, ok := node.(*ast.ReturnStmt); ok {
			n = max(n, len(r.Results))
		}
		_, isFunc := node.(*ast.FuncLit)
		return !isFunc
	})
	return n
}
