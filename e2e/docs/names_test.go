//go:build !race

package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// variable is a name in the environment.
var variable = regexp.MustCompile(`\b(?:ADVOWARE|REDIS)_[A-Z0-9_]*[A-Z0-9]\b`)

// TestVariablesAreDocumented holds docs/configuration.md against .env.example, of which
// another test says that it has all that is read.
func TestVariablesAreDocumented(t *testing.T) {
	const page = "docs/configuration.md"
	documented := make(map[string]bool)
	for line := range strings.Lines(read(t, page)) {
		if cell, ok := firstCell(line); ok {
			for _, name := range variable.FindAllString(cell, -1) {
				documented[name] = true
			}
		}
	}
	there := regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(read(t, ".env.example"), -1)
	if len(there) < 30 {
		t.Fatalf("only %d variables in .env.example", len(there))
	}
	for _, m := range there {
		if !documented[m[1]] {
			t.Errorf("%s has no row in a table of %s", m[1], page)
		}
	}
}

// TestVariablesExist looks for names that nothing reads.
func TestVariablesExist(t *testing.T) {
	exist := make(map[string]bool)
	for _, text := range sources(t, ".go", "Makefile", ".py", "need", "run") {
		if !strings.Contains(text, "ADVOWARE_") && !strings.Contains(text, "REDIS_") {
			continue
		}
		for _, name := range variable.FindAllString(text, -1) {
			exist[name] = true
		}
	}
	for _, page := range documents(t) {
		for _, name := range missing(exist, variable.FindAllString(read(t, page), -1)) {
			t.Errorf("%s names %s, which nothing reads", page, name)
		}
	}
}

// stats and hooks are what a program can see of itself.
var (
	stats = map[string]reflect.Type{
		"client.Stats": reflect.TypeFor[client.Stats](), "token.Stats": reflect.TypeFor[token.Stats](),
		"memory.Stats": reflect.TypeFor[memory.Stats](), "redis.Stats": reflect.TypeFor[redisstore.Stats](),
		"sealed.Stats": reflect.TypeFor[sealed.Stats](), "tiered.Stats": reflect.TypeFor[tiered.Stats](),
	}
	hooks = map[string]reflect.Type{"token.Hooks": reflect.TypeFor[token.Hooks](), "tiered.Hooks": reflect.TypeFor[tiered.Hooks]()}
)

// TestStatsAndHooksAreDocumented: each field has a row in a table of docs/operators.md, that
// of the client's Stats under its JSON name too; and no document names one that is not there.
func TestStatsAndHooksAreDocumented(t *testing.T) {
	const page = "docs/operators.md"
	var cells strings.Builder
	for line := range strings.Lines(read(t, page)) {
		if cell, ok := firstCell(line); ok {
			cells.WriteString(cell + "\n")
		}
	}
	there := make(map[string]bool)
	for _, types := range []map[string]reflect.Type{stats, hooks} {
		for name, typ := range types {
			for field := range typ.Fields() {
				full := name + "." + field.Name
				there[full] = true
				if !strings.Contains(cells.String(), "`"+full+"`") {
					t.Errorf("`%s` has no row in a table of %s", full, page)
				}
				if tag := field.Tag.Get("json"); tag != "" && !strings.Contains(cells.String(), "`"+tag+"`") {
					t.Errorf("`%s`, which is %s in JSON, has no row in a table of %s", tag, full, page)
				}
			}
		}
	}
	declared := regexp.MustCompile(`(?m)^type (Stats|Hooks) struct`)
	for file, text := range sources(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "internal/") || strings.HasPrefix(file, "benchmarks/") || strings.HasPrefix(file, "examples/") {
			continue
		}
		for _, m := range declared.FindAllStringSubmatch(text, -1) {
			name := path.Base(path.Dir(file)) + "." + m[1]
			if stats[name] == nil && hooks[name] == nil {
				t.Errorf("%s declares %s, of which this test does not know", file, name)
			}
		}
	}
	named := regexp.MustCompile(`\b(?:client|token|memory|redis|sealed|tiered)\.(?:Stats|Hooks)\.[A-Z]\w*`)
	for _, page := range append(documents(t), "ARCHITECTURE.md") {
		for _, name := range missing(there, named.FindAllString(read(t, page), -1)) {
			if typ, isMethod := stats[path.Base(strings.TrimSuffix(name, filepath.Ext(name)))]; isMethod {
				if _, isMethod = typ.MethodByName(filepath.Ext(name)[1:]); isMethod {
					continue
				}
			}
			t.Errorf("%s names %s, which does not exist", page, name)
		}
	}
}

// firstCell returns the first cell of a row of a table.
func firstCell(line string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	cell, _, _ := strings.Cut(rest, " |")
	return cell, ok
}

// missing returns, sorted and each once, the names that are not there.
func missing(there map[string]bool, names []string) []string {
	found := make(map[string]bool)
	for _, name := range names {
		found[name] = !there[name]
	}
	maps.DeleteFunc(found, func(_ string, bad bool) bool { return !bad })
	return slices.Sorted(maps.Keys(found))
}

// sources returns the files of the repository whose name ends in one of these, by their
// name below root.
func sources(t *testing.T, ends ...string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir() || !slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) }):
			return nil
		}
		files[name] = read(t, name)
		return nil
	})
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// TestStatusIsDocumented: each member of the JSON that status.Handler serves has a row in a
// table of docs/operators.md.
func TestStatusIsDocumented(t *testing.T) {
	const page = "docs/operators.md"
	var cells strings.Builder
	for line := range strings.Lines(read(t, page)) {
		if cell, ok := firstCell(line); ok {
			cells.WriteString(cell + "\n")
		}
	}
	members := jsonMembers("", reflect.TypeFor[status.Client]())
	if len(members) < 14 {
		t.Fatalf("only %q", members)
	}
	for _, name := range members {
		if !strings.Contains(cells.String(), "`"+name+"`") {
			t.Errorf("`%s` of status.Client has no row in a table of %s", name, page)
		}
	}
}

// jsonMembers returns the members of an object as paths, such as failure.at.
func jsonMembers(above string, typ reflect.Type) []string {
	var names []string
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case field.Anonymous:
			names = append(names, jsonMembers(above, inner)...)
		case inner.Kind() == reflect.Struct && inner != reflect.TypeFor[time.Time]():
			names = append(names, jsonMembers(above+name+".", inner)...)
		default:
			names = append(names, above+name)
		}
	}
	return names
}
