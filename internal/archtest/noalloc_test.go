package archtest_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// TestNoAllocBenchmarksCanFail: a benchmark reports what it allocates, and passes.
// One with NoAlloc in its name promises more.
func TestNoAllocBenchmarksCanFail(t *testing.T) {
	promises := 0
	for path, src := range goFiles(t) {
		if !strings.HasSuffix(path, "_test.go") || !bytes.Contains(src, []byte("NoAlloc")) {
			continue
		}
		all, idle := noAllocBenchmarks(t, src)
		promises += len(all)
		for _, name := range idle {
			t.Errorf("%s: %s would pass if it allocated: give what it measures to alloctest.None first", path, name)
		}
	}
	if promises == 0 {
		t.Error("no benchmark has NoAlloc in its name: have they got another one?")
	}
}

func TestIdleNoAllocBenchmarksAreFound(t *testing.T) {
	const src = `package x

func BenchmarkOneNoAlloc(b *testing.B) { alloctest.None(b, f) }
func BenchmarkTwoNoAlloc(b *testing.B) { b.Run("sub", func(b *testing.B) { alloctest.None(b, f) }) }
func BenchmarkNoAllocReports(b *testing.B) { b.ReportAllocs(); for b.Loop() { f() } }
func BenchmarkCountsNoAlloc(b *testing.B) { _ = alloctest.PerRun(f) }
func BenchmarkOtherNoAlloc(b *testing.B) { other.None(b, f) }
func BenchmarkMentionsNoAlloc(b *testing.B) { _ = alloctest.None }
func BenchmarkAllocates(b *testing.B) {}
func TestNoAlloc(t *testing.T) {}
`
	all, idle := noAllocBenchmarks(t, []byte(src))
	if len(all) != 6 {
		t.Errorf("found %q; want 6 benchmarks", all)
	}
	want := []string{"BenchmarkNoAllocReports", "BenchmarkCountsNoAlloc", "BenchmarkOtherNoAlloc", "BenchmarkMentionsNoAlloc"}
	if !slices.Equal(idle, want) {
		t.Errorf("got %q; want %q", idle, want)
	}
}

// noAllocBenchmarks returns the benchmarks with NoAlloc in their name, and those of
// them that do not call alloctest.None.
func noAllocBenchmarks(t *testing.T, src []byte) (all, idle []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Benchmark") || !strings.Contains(f.Name.Name, "NoAlloc") {
			continue
		}
		all = append(all, f.Name.Name)
		if !callsNone(f) {
			idle = append(idle, f.Name.Name)
		}
	}
	return all, idle
}

func callsNone(f *ast.FuncDecl) (calls bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.SelectorExpr); ok && name.Sel.Name == "None" {
				pkg, ok := name.X.(*ast.Ident)
				calls = calls || ok && pkg.Name == "alloctest"
			}
		}
		return !calls
	})
	return calls
}
