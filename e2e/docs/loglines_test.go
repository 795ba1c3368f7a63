//go:build !race

package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// varies stands in a message for what is known only when it is written.
const varies = "…"

// TestLogLinesAreDocumented compares the messages of all slog calls of production code with
// the tables of docs/operators.md, whose rows begin with a message in double quotes.
func TestLogLinesAreDocumented(t *testing.T) {
	documented := make(map[string]bool)
	for line := range strings.Lines(read(t, "docs/operators.md")) {
		cell, _ := firstCell(line)
		for _, m := range regexp.MustCompile("`\"([^`]*)\"`").FindAllStringSubmatch(cell, -1) {
			documented[m[1]] = true
		}
	}
	var files []*ast.File
	set := token.NewFileSet()
	byFolder := make(map[string][]*ast.File)
	for name, text := range sources(t, ".go") {
		folder, _, _ := strings.Cut(name, "/")
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(path.Dir(name), "test") || slices.Contains([]string{"benchmarks", "e2e", "examples", "tools"}, folder) {
			continue
		}
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		byFolder[path.Dir(name)] = append(byFolder[path.Dir(name)], file)
	}
	written := make(map[string]bool)
	for _, group := range byFolder {
		maps.Copy(written, messages(group))
	}
	if len(files) < 100 || len(written) < 20 {
		t.Fatalf("%d files with %d messages", len(files), len(written))
	}
	if written[varies] {
		t.Errorf("a message of a slog call has no text of its own: nobody could look it up")
	}
	matches := func(message, row string) bool { // a row may say what stands for what varies
		pattern := strings.ReplaceAll(regexp.QuoteMeta(message), varies, ".+")
		return regexp.MustCompile("^" + pattern + "$").MatchString(row)
	}
	for _, message := range slices.Sorted(maps.Keys(written)) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(documented)), func(row string) bool { return matches(message, row) }) {
			t.Errorf("docs/operators.md has no row for %q", message)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(documented)) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(written)), func(message string) bool { return matches(message, row) }) {
			t.Errorf("docs/operators.md has a row for %q, which nothing logs", row)
		}
	}
}

func TestMessages(t *testing.T) {
	const code = `package p
		func (x *x) a() { x.cfg.Logger.InfoContext(ctx, "one", "k", v); x.log(2, "three"); x.log(2, some()) }
		func (x *x) log(level int, text string) { func() { x.cfg.Logger.Log(ctx, level, "p: "+text, "k", v) }() }
		func b() { slog.Warn(name + " is " + "down"); math.Log(2); t.Log("no"); e.Error() }
		func c(l *slog.Logger) { l.LogAttrs(ctx, slog.LevelInfo, "four", slog.Int("a", 1)); l.With("a", 1).DebugContext(ctx, Sprintf("x")) }
		func d() { slog.Default().Error("five"); x.said.Info("six"); r.Warn(err) }`
	file, err := parser.ParseFile(token.NewFileSet(), "", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"five", "four", "one", "six", "p: three", "p: …", "…", "… is down"}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(messages([]*ast.File{file})))); diff != "" {
		t.Error(diff)
	}
}

// messages returns the messages of the slog calls in the files of a package. Of a function
// that is given a part of the message, the parts that its callers give are put in.
func messages(files []*ast.File) map[string]bool {
	all := make(map[string]bool)
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if at := messageAt(call); ok && at >= 0 {
					for _, text := range texts(files, f, call.Args[at]) {
						all[text] = true
					}
				}
				return true
			})
		}
	}
	return all
}

// messageAt returns which argument of a call is the message of a log line, negative if it is
// no call of a logger.
func messageAt(call *ast.CallExpr) int {
	if call == nil {
		return -1
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return -1
	}
	at, isLog := map[string]int{
		"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "Log": 2, "LogAttrs": 2,
		"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
	}[method.Sel.Name]
	if !isLog || len(call.Args) <= at {
		return -1
	}
	switch call.Args[at].(type) {
	case *ast.BasicLit, *ast.BinaryExpr:
		if method.Sel.Name != "Log" && method.Sel.Name != "Error" {
			return at // nothing else has these
		}
	}
	if strings.HasSuffix(method.Sel.Name, "Context") || method.Sel.Name == "LogAttrs" {
		return at
	}
	last := ""
	switch x := method.X.(type) {
	case *ast.Ident:
		last = x.Name
	case *ast.SelectorExpr:
		last = x.Sel.Name
	case *ast.CallExpr: // slog.Default().Error(…)
		if of, ok := x.Fun.(*ast.SelectorExpr); ok {
			last = of.Sel.Name
		}
	}
	if !regexp.MustCompile(`(?i)(log|logger|slog|default|with|withgroup)$`).MatchString(last) {
		return -1
	}
	return at
}

// texts returns what an expression may be.
func texts(files []*ast.File, in *ast.FuncDecl, e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.ParenExpr:
		return texts(files, in, e.X)
	case *ast.BinaryExpr:
		var both []string
		for _, left := range texts(files, in, e.X) {
			for _, right := range texts(files, in, e.Y) {
				both = append(both, strings.ReplaceAll(left+right, varies+varies, varies))
			}
		}
		return both
	case *ast.Ident:
		if at := parameterAt(in, e.Name); at >= 0 {
			return argumentsOf(files, in.Name.Name, at)
		}
	}
	return []string{varies}
}

// parameterAt returns which parameter of a function has a name, negative if none.
func parameterAt(f *ast.FuncDecl, name string) int {
	at := 0
	for _, field := range f.Type.Params.List {
		for _, id := range field.Names {
			if id.Name == name {
				return at
			}
			at++
		}
	}
	return -1
}

// argumentsOf returns what the callers of a function give as an argument.
func argumentsOf(files []*ast.File, function string, at int) []string {
	var all []string
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) <= at {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			if lit, isLit := call.Args[at].(*ast.BasicLit); name == function && isLit {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					all = append(all, text)
				}
			} else if name == function {
				all = append(all, varies)
			}
			return true
		})
	}
	return all
}
