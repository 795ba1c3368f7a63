package chaos_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// rehearsal is a test whose failures do not count.
type rehearsal struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

// run runs a test to its end.
func (r *rehearsal) run(test func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		test()
	}()
	<-over
}

func (r *rehearsal) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *rehearsal) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *rehearsal) Fatal(args ...any) {
	r.Errorf("%s", fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *rehearsal) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *rehearsal) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.said) > 0
}

// No test can forget the trace: without it there is no fleet, nothing but a fleet begins a process,
// and a test in which no script was checked fails.
func TestNothingIsUntraced(t *testing.T) {
	r := &rehearsal{TB: t}
	r.run(func() { (&world{t: r}).fleet(1, nil) })
	if len(r.said) != 1 || !strings.Contains(r.said[0], "not recorded") {
		t.Errorf("a fleet without a trace: %q", r.said)
	}

	r = &rehearsal{TB: t}
	r.run(func() {
		w := newWorld(r, clienttest.Options{})
		w.fleet(1, w.env())[0].kill() // before it does anything
		w.checkTrace()
	})
	if len(r.said) != 1 || !strings.Contains(r.said[0], "shows nothing") {
		t.Errorf("a trace without a script: %q", r.said)
	}

	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var callers []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, is := decl.(*ast.FuncDecl)
			if !is {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if name, is := n.(*ast.Ident); is && name.Name == "begin" && name != fn.Name {
					callers = append(callers, fn.Name.Name)
				}
				return true
			})
		}
	}
	if !slices.Equal(callers, []string{"fleet"}) {
		t.Errorf("%q begin processes, want none but a fleet", callers)
	}
}
