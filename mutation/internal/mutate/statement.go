package mutate

import (
	"go/ast"
	"go/token"
)

// statements removes each statement of a list that can be removed alone.
func (g *goSource) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
			if lockCall(s) == "" { // locks are removed with what unlocks them
				g.remove(s)
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE && !blank(s) {
				g.remove(s)
			}
		case *ast.ReturnStmt:
			if len(s.Results) == 0 {
				g.remove(s)
			}
		case *ast.BranchStmt:
			if s.Label == nil && (s.Tok == token.BREAK || s.Tok == token.CONTINUE) {
				g.remove(s)
			}
		}
	}
}

func (g *goSource) remove(s ast.Stmt) {
	uses, more := g.keep(s)
	g.add("remove", s, append([]edit{g.replace(s, "{ "+uses+"}")}, more...)...)
}

func blank(s *ast.AssignStmt) bool {
	for _, l := range s.Lhs {
		if i, ok := l.(*ast.Ident); !ok || i.Name != "_" {
			return false
		}
	}
	return true
}

// returned replaces an error that is returned by nil.
func (g *goSource) returned(s *ast.ReturnStmt) {
	if g.fn == nil || len(s.Results) == 0 || !g.endsInError(s) {
		return
	}
	last := s.Results[len(s.Results)-1]
	switch x := last.(type) {
	case *ast.Ident:
		if x.Name == "nil" {
			return
		}
	case *ast.CallExpr: // of another function, whose results these may be
		if len(s.Results) == 1 && !isConstructor(x) {
			return
		}
	}
	uses, more := g.keep(last)
	at := g.at(s.Pos())
	g.add("nil", s, append([]edit{{at, at, uses}, g.replace(last, "nil")}, more...)...)
}

// endsInError reports whether the function that s leaves has error as its last result. Of
// function literals nothing is known.
func (g *goSource) endsInError(s *ast.ReturnStmt) bool {
	inLiteral := false
	ast.Inspect(g.fn, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncLit); ok && f.Pos() < s.Pos() && s.End() <= f.End() {
			inLiteral = true
		}
		return !inLiteral
	})
	results := g.fn.Type.Results
	if inLiteral || results == nil {
		return false
	}
	last, ok := results.List[len(results.List)-1].Type.(*ast.Ident)
	return ok && last.Name == "error" && len(s.Results) == results.NumFields()
}

func isConstructor(call *ast.CallExpr) bool {
	s, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (s.Sel.Name == "Errorf" || s.Sel.Name == "New" || s.Sel.Name == "Join")
}

// fields leaves one field of a struct literal out.
func (g *goSource) fields(lit *ast.CompositeLit) {
	switch lit.Type.(type) {
	case *ast.MapType, *ast.ArrayType:
		return
	}
	for i, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		if _, ok := kv.Key.(*ast.Ident); !ok {
			return
		}
		end := g.at(lit.Rbrace)
		if i+1 < len(lit.Elts) {
			end = g.at(lit.Elts[i+1].Pos())
		}
		_, more := g.keep(kv.Value)
		edits := append([]edit{{g.at(kv.Pos()), end, ""}}, more...)
		if uses, at := g.used(kv.Value, lit); uses != "" {
			edits = append(edits, edit{at, at, uses})
		}
		g.add("field", kv, edits...)
	}
}

// used returns statements that use the variables of n, and where they may stand: before the
// statement, in a list, that lit is part of.
func (g *goSource) used(n ast.Node, lit *ast.CompositeLit) (uses string, at int) {
	if g.fn == nil {
		return "", 0
	}
	var before ast.Stmt
	ast.Inspect(g.fn.Body, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		for _, s := range list {
			if s.Pos() <= lit.Pos() && lit.End() <= s.End() {
				before = s
			}
		}
		return true
	})
	switch before.(type) {
	case *ast.ReturnStmt, *ast.ExprStmt, *ast.AssignStmt, *ast.DeferStmt:
		uses, _ = g.keep(n)
		return uses, g.at(before.Pos())
	}
	return "", 0
}
