package mutate_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
)

const source = `package p

import (
	"errors"
	"sync"
	"time"
)

const wait = 5 * time.Second

type box struct {
	mu   sync.Mutex
	open bool
	n    int
}

func (b *box) put(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > 10 && !b.open {
		return errors.New("full")
	}
	b.n = n
	return nil
}

func fresh() *box { return &box{open: true, n: 0} }
`

// The whole of what is found in a small file, and that it is Go.
func TestFindInGo(t *testing.T) {
	found, err := mutate.Find("box.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, m := range found {
		keys = append(keys, m.Key())
		changed := m.Apply([]byte(source))
		if string(changed) == source {
			t.Errorf("%s changes nothing", m.Key())
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "box.go", changed, 0); err != nil {
			t.Errorf("%s: %v\n%s", m.Key(), err, changed)
		}
	}
	want := []string{
		"box.go  | * to / | 5 * time.Second",
		"box.go  | double | 5",
		"box.go  | one less | 5",
		"box.go (*box).put | > to >= | n > 10",
		"box.go (*box).put | double | 10",
		"box.go (*box).put | false | n > 10 && !b.open",
		"box.go (*box).put | halve | 10",
		"box.go (*box).put | nil | return errors.New(\"full\")",
		"box.go (*box).put | not | !b.open",
		"box.go (*box).put | remove | b.n = n",
		"box.go (*box).put | true | !b.open",
		"box.go (*box).put | true | n > 10",
		"box.go (*box).put | unlocked | b.mu.Lock()",
		"box.go fresh | bool | true",
		"box.go fresh | field | n: 0",
		"box.go fresh | field | open: true",
		"box.go fresh | one more | 0",
	}
	slices.Sort(keys)
	if !slices.Equal(keys, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(keys, "\n"), strings.Join(want, "\n"))
	}
}

// A lock is removed with all that gives it back, and what only the removed text uses is used
// elsewhere, so that the rest compiles.
func TestWhatIsRemovedGoesWhole(t *testing.T) {
	for key, want := range map[string]string{
		"box.go (*box).put | unlocked | b.mu.Lock()":            "{ _ = b; }\n\t{ _ = b; }\n",
		"box.go (*box).put | nil | return errors.New(\"full\")": "\nvar _ = errors.New\n",
		"box.go (*box).put | remove | b.n = n":                  "\t{ _ = b; _ = n; }\n",
		"box.go fresh | field | open: true":                     "&box{n: 0}",
	} {
		found, err := mutate.Find("box.go", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(found, func(m *mutate.Mutant) bool { return m.Key() == key })
		if i < 0 {
			t.Errorf("%s is not found", key)
			continue
		}
		if got := string(found[i].Apply([]byte(source))); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", key, want, got)
		}
		if found[i].Race != strings.Contains(key, "unlocked") {
			t.Errorf("%s: under the race detector: %t", key, found[i].Race)
		}
	}
}

// Two changes of the same text in one function have different keys, which do not depend on
// what stands before the function.
func TestKeys(t *testing.T) {
	const twice = "package p\n\nfunc f(n int) {\n\tn = 1\n\tn = 1\n}\n"
	keys := func(text string) (all []string) {
		found, err := mutate.Find("f.go", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range found {
			all = append(all, m.Key())
		}
		return all
	}
	before := keys(twice)
	if slices.Sort(before); len(slices.Compact(slices.Clone(before))) != len(before) {
		t.Errorf("not all are different: %q", before)
	}
	after := keys(strings.Replace(twice, "func f", "var other int\n\nfunc f", 1))
	if slices.Sort(after); !slices.Equal(before, after) {
		t.Errorf("%q became %q", before, after)
	}
}

func TestFindInLua(t *testing.T) {
	const script = `-- A comment with 1 and == in it.
local function left(key)
  return redis.call('PTTL', key) + 1
end
if redis.pcall('GET', KEYS[1]) == ARGV[1] and tonumber(ARGV[2]) > 0 then
  redis.call('DEL', KEYS[1])
  return 10
end
return 0
`
	found, err := mutate.Find("x.lua", []byte(script))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, m := range found {
		kinds = append(kinds, m.Func+"|"+m.Kind+"|"+strings.Fields(m.Text)[0])
		if m.Line == 1 {
			t.Errorf("a comment is changed: %s", m.Key())
		}
	}
	slices.Sort(kinds)
	want := []string{
		"left|+ to -|return", "left|one more|return", "left|remove|return",
		"|== to ~=|if", "|> to >=|if", "|and to or|if", "|double|return", "|false|if", "|one more|if", "|one more|return",
		"|remove|redis.call('DEL',", "|remove|return", "|true|if",
	}
	slices.Sort(want)
	if !slices.Equal(kinds, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(kinds, "\n"), strings.Join(want, "\n"))
	}
}
