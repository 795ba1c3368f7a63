package mutate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// goSource is a file of Go in which mutants are looked for.
type goSource struct {
	fset  *token.FileSet
	file  *ast.File
	text  []byte
	fn    *ast.FuncDecl // the present one, nil outside
	found []*Mutant
}

func goFile(name string, text []byte) ([]*Mutant, error) {
	g := &goSource{fset: token.NewFileSet(), text: text}
	var err error
	// The resolution of identifiers tells which are variables of a function.
	if g.file, err = parser.ParseFile(g.fset, name, text, parser.ParseComments); err != nil {
		return nil, err
	}
	for _, d := range g.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil {
				g.fn = d
				ast.Inspect(d.Body, g.visit)
				g.locks(d.Body)
				g.fn = nil
			}
		case *ast.GenDecl:
			if d.Tok == token.CONST || d.Tok == token.VAR {
				ast.Inspect(d, g.visit)
			}
		}
	}
	return g.found, nil
}

func (g *goSource) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt:
		g.statements(n.List)
	case *ast.CaseClause:
		g.statements(n.Body)
	case *ast.CommClause:
		g.statements(n.Body)
	case *ast.IfStmt:
		g.condition(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			g.never(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, c := range n.Body.List {
				for _, cond := range c.(*ast.CaseClause).List {
					g.condition(cond)
				}
			}
		}
	case *ast.BinaryExpr:
		g.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			g.add("not", n, edit{g.at(n.Pos()), g.at(n.X.Pos()), ""})
		}
	case *ast.BasicLit:
		g.literal(n)
	case *ast.Ident:
		if n.Obj == nil && (n.Name == "true" || n.Name == "false") {
			other := map[string]string{"true": "false", "false": "true"}[n.Name]
			g.add("bool", n, g.replace(n, other))
		}
	case *ast.CompositeLit:
		g.fields(n)
	case *ast.ReturnStmt:
		g.returned(n)
	case *ast.ImportSpec:
		return false
	}
	return true
}

func (g *goSource) at(p token.Pos) int { return g.fset.Position(p).Offset }

func (g *goSource) textOf(n ast.Node) string { return string(g.text[g.at(n.Pos()):g.at(n.End())]) }

func (g *goSource) replace(n ast.Node, by string) edit {
	return edit{g.at(n.Pos()), g.at(n.End()), by}
}

func (g *goSource) add(kind string, what ast.Node, edits ...edit) *Mutant {
	m := &Mutant{Func: g.name(), Kind: kind, Text: oneLine(g.textOf(what)), edits: edits}
	if g.fn != nil {
		m.First, m.Last = g.fset.Position(g.fn.Pos()).Line, g.fset.Position(g.fn.End()).Line
	}
	g.found = append(g.found, m)
	return m
}

// name returns the name of the present function as a stack trace has it.
func (g *goSource) name() string {
	switch {
	case g.fn == nil:
		return ""
	case g.fn.Recv == nil:
		return g.fn.Name.Name
	}
	recv := g.textOf(g.fn.Recv.List[0].Type)
	if strings.HasPrefix(recv, "*") {
		recv = "(" + recv + ")"
	}
	return recv + "." + g.fn.Name.Name
}

// keep returns statements that use the variables of n, as Go wants each one used, and an
// edit that uses the packages which only n uses.
func (g *goSource) keep(n ast.Node) (uses string, more []edit) {
	var names, packages []string
	var literals []*ast.FuncLit // their variables are not known outside
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			literals = append(literals, n)
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil {
				packages = append(packages, x.Name+"."+n.Sel.Name)
			}
		case *ast.Ident:
			inLiteral := slices.ContainsFunc(literals, func(l *ast.FuncLit) bool {
				return n.Obj != nil && l.Pos() < n.Obj.Pos() && n.Obj.Pos() < l.End()
			})
			if !inLiteral && n.Obj != nil && n.Obj.Kind == ast.Var && g.fn != nil && n.Obj.Pos() > g.fn.Pos() && n.Obj.Pos() < g.fn.End() && n.Name != "_" {
				names = append(names, n.Name)
			}
		}
		return true
	})
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		uses += "_ = " + name + "; "
	}
	for _, selected := range packages {
		name, _, _ := strings.Cut(selected, ".")
		if g.importedOnlyIn(name, n) {
			more = append(more, edit{len(g.text), len(g.text), "\nvar _ = " + selected + "\n"})
			break
		}
	}
	return uses, more
}

// importedOnlyIn reports whether name is a package that is used in n and nowhere else.
func (g *goSource) importedOnlyIn(name string, n ast.Node) bool {
	imported := slices.ContainsFunc(g.file.Imports, func(i *ast.ImportSpec) bool {
		path := strings.Trim(i.Path.Value, `"`)
		return i.Name != nil && i.Name.Name == name || i.Name == nil && (path == name || strings.HasSuffix(path, "/"+name))
	})
	if !imported {
		return false
	}
	elsewhere := false
	ast.Inspect(g.file, func(other ast.Node) bool {
		if other == n {
			return false
		}
		if s, ok := other.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && x.Name == name {
				elsewhere = true
			}
		}
		return !elsewhere
	})
	return !elsewhere
}
