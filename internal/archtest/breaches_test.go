package archtest_test

import (
	"slices"
	"strings"
	"testing"
)

// TestBreachesAreFound shows that TestImportsKeepToTheTable can fail, in each of
// its ways, on a module of two packages and a test kit.
func TestBreachesAreFound(t *testing.T) {
	const (
		a, b, kit = module + "/a", module + "/b", module + "/kit"
		third     = "example.com/third/v2"
	)
	table := []row{
		{pkg: "a", ours: []string{"b"}, modules: []string{third}},
		{pkg: "b", oracle: true},
		{pkg: "kit", testKit: true},
	}
	bans := []ban{
		{from: []string{"a"}, to: []string{"example.com/forbidden"}, why: "we said so"},
		{to: []string{"testing"}, why: "we said so"},
	}
	sound := func() map[string]*pkg {
		return map[string]*pkg{
			a:                       {Imports: []string{"fmt", module + "/b", third, third + "/sub"}, XTestImports: []string{a, b, kit, goCmp + "/cmp", "testing"}},
			b:                       {Imports: []string{"net/http"}, TestImports: []string{"testing"}, XTestImports: []string{b, goCmp + "/cmp", "testing/synctest"}},
			kit:                     {Imports: []string{"testing"}},
			third:                   {Imports: []string{"fmt"}},
			"example.com/forbidden": {},
		}
	}
	add := func(path, imp string) func(map[string]*pkg) {
		return func(all map[string]*pkg) { all[path].Imports = append(all[path].Imports, imp) }
	}
	addToTests := func(path, imp string) func(map[string]*pkg) {
		return func(all map[string]*pkg) { all[path].XTestImports = append(all[path].XTestImports, imp) }
	}
	for _, c := range []struct {
		name   string
		spoil  func(map[string]*pkg)
		breach []string // how each one begins
	}{
		{"sound", func(map[string]*pkg) {}, nil},
		{"a package without a row", func(all map[string]*pkg) { all[module+"/new"] = &pkg{} }, []string{"new is not in"}},
		{"the root without a row", func(all map[string]*pkg) { all[module] = &pkg{} }, []string{". is not in"}},
		{"a row without a package", func(all map[string]*pkg) { delete(all, b) }, []string{"b has a row"}},
		{"an arrow against the table", add(b, a), []string{"b imports a,"}},
		{"an arrow that nobody needs", func(all map[string]*pkg) { all[a].Imports = []string{"fmt", third + "/sub"} }, []string{"a does not import b,"}},
		{"a module that nobody needs", func(all map[string]*pkg) { all[a].Imports = []string{b} }, []string{"a does not import " + third}},
		{"a test kit in production", add(b, kit), []string{"b imports kit,", "a reaches testing, and must not: we said so: cut an arrow of a -> b -> kit -> testing", "b reaches testing"}},
		{"testing in production", add(a, "testing/iotest"), []string{"a imports testing/iotest,", "a reaches testing/iotest"}},
		{"testing in a dependency", add(third, "testing"), []string{"a reaches testing, and must not: we said so: cut an arrow of a -> " + third + " -> testing"}},
		{"a module of another row", add(b, third), []string{"b imports " + third}},
		{"a module whose path only begins so", add(a, third+"x"), []string{"a imports " + third + "x"}},
		{"a module for tests", add(a, goCmp+"/cmp"), []string{"a imports " + goCmp}},
		{"a ban by a detour", add(third, "example.com/forbidden"), []string{"a reaches example.com/forbidden"}},
		{"a ban that binds others", add(b, "example.com/forbidden"), []string{"a reaches example.com/forbidden", "b imports example.com/forbidden,"}},
		{"a module of no row in tests", addToTests(a, "example.com/assert"), []string{"the tests of a import example.com/assert: no row"}},
		{"an oracle that learns", addToTests(b, a), []string{"the tests of b import a: it judges"}},
		{"an oracle with a module of others", addToTests(b, third), []string{"the tests of b import " + third + ": it judges"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			byPath := sound()
			c.spoil(byPath)
			var all []pkg
			for path, p := range byPath {
				p.ImportPath = path
				all = append(all, *p)
			}
			found := breaches(all, table, bans)
			slices.Sort(found)
			slices.Sort(c.breach)
			if !slices.EqualFunc(found, c.breach, strings.HasPrefix) {
				t.Errorf("got\n\t%s\nwant what begins with\n\t%s", strings.Join(found, "\n\t"), strings.Join(c.breach, "\n\t"))
			}
		})
	}
	if found := breaches(nil, []row{{pkg: "a"}, {pkg: "a"}}, nil); !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, "a has two rows") }) {
		t.Errorf("two rows for a package: got %q", found)
	}
}
