package mutate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Switch is the variable of a package with combined mutants that has the number of the one
// which is on, and SwitchFile the code that declares it: the number comes from an environment
// variable of the same name.
const Switch = "advowareMutant"

// SwitchFile returns the file that declares Switch in a package.
func SwitchFile(pkg string) []byte {
	return fmt.Appendf(nil, `package %s

import (
	"os"
	"strconv"
)

var %[2]s = func() int { n, _ := strconv.Atoi(os.Getenv(%[2]q)); return n }()
`, pkg, Switch)
}

// Combined is a file with many mutants, of which one is on at a time.
type Combined struct {
	Package string // its name
	Text    []byte
	copies  []lines
}

type lines struct{ first, last, number int }

// At returns the number of the mutant to which a line of the text belongs, 0 for none.
func (c *Combined) At(line int) int {
	for _, l := range c.copies {
		if l.first <= line && line <= l.last {
			return l.number
		}
	}
	return 0
}

// Combine puts mutants of one file, by number, into one text: for each there is a copy of its
// function with the change, which the function calls if Switch has the number. That way they
// are compiled and linked together, which takes longer than most tests. What is outside of
// functions is not taken, nor a function that cannot be called by another name.
func Combine(name string, source []byte, mutants map[int]*Mutant) (*Combined, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	var edits []edit
	var more bytes.Buffer
	c := &Combined{Package: file.Name.Name}
	type copied struct {
		text   string
		number int
	}
	var copies []copied
	numbers := make([]int, 0, len(mutants))
	for n := range mutants {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || fn.Name.Name == "init" || fn.Name.Name == "main" || fn.Name.Name == "_" {
			continue
		}
		var cases strings.Builder
		named, call := callOf(fn, at)
		for _, n := range numbers {
			m := mutants[n]
			if from := m.edits[0].from; from < at(fn.Body.Pos()) || from >= at(fn.End()) {
				continue
			}
			other := fmt.Sprintf("mutant%d%s", n, fn.Name.Name)
			if fn.Type.Results == nil {
				fmt.Fprintf(&cases, "case %d: %s; return; ", n, fmt.Sprintf(call, other))
			} else {
				fmt.Fprintf(&cases, "case %d: return %s; ", n, fmt.Sprintf(call, other))
			}
			inside := []edit{{at(fn.Name.Pos()), at(fn.Name.End()), other}}
			for _, e := range m.edits {
				if e.to <= at(fn.End()) { // what else is there lets an import be used, as it is by the original
					inside = append(inside, e)
				}
			}
			copies = append(copies, copied{apply(source, at(fn.Pos()), at(fn.End()), inside), n})
		}
		if cases.Len() > 0 {
			body := at(fn.Body.Lbrace) + 1
			edits = append(append(edits, named...), edit{body, body, "switch " + Switch + " { " + cases.String() + "}; "})
		}
	}
	more.WriteString(apply(source, 0, len(source), edits))
	for _, one := range copies {
		more.WriteString("\n\n")
		first := 1 + bytes.Count(more.Bytes(), []byte("\n"))
		more.WriteString(one.text)
		c.copies = append(c.copies, lines{first, 1 + bytes.Count(more.Bytes(), []byte("\n")), one.number})
	}
	more.WriteString("\n")
	c.Text = more.Bytes()
	return c, nil
}

// Takes reports whether Combine takes the mutants in number.
func (c *Combined) Takes(number int) bool {
	return slices.ContainsFunc(c.copies, func(l lines) bool { return l.number == number })
}

// callOf returns edits that name all parameters of a function, and a format that calls it by
// another name with them.
func callOf(fn *ast.FuncDecl, at func(token.Pos) int) (named []edit, call string) {
	count := 0
	names := func(f *ast.Field) (all []string) {
		if len(f.Names) == 0 {
			count++
			name := fmt.Sprintf("mutantArg%d", count)
			named = append(named, edit{at(f.Type.Pos()), at(f.Type.Pos()), name + " "})
			return []string{name}
		}
		for _, n := range f.Names {
			name := n.Name
			if name == "_" {
				count++
				name = fmt.Sprintf("mutantArg%d", count)
				named = append(named, edit{at(n.Pos()), at(n.End()), name})
			}
			all = append(all, name)
		}
		return all
	}
	call = "%s"
	if fn.Recv != nil {
		call = names(fn.Recv.List[0])[0] + ".%s"
	} else if fn.Type.TypeParams != nil {
		var types []string
		for _, f := range fn.Type.TypeParams.List {
			for _, n := range f.Names {
				types = append(types, n.Name)
			}
		}
		call += "[" + strings.Join(types, ", ") + "]"
	}
	var args []string
	for _, f := range fn.Type.Params.List {
		args = append(args, names(f)...)
		if _, variadic := f.Type.(*ast.Ellipsis); variadic {
			args[len(args)-1] += "..."
		}
	}
	return named, call + "(" + strings.Join(args, ", ") + ")"
}
