package mutate

import (
	"go/ast"
	"strings"
)

// unlocks has what ends each way of taking a lock.
var unlocks = map[string]string{"Lock": "Unlock", "RLock": "RUnlock"}

// locks removes each lock of a function together with everything that gives it back there.
// Only the race detector, or the runtime, may see that.
func (g *goSource) locks(body *ast.BlockStmt) {
	byLock := make(map[string][]ast.Stmt)
	var order []string
	ast.Inspect(body, func(n ast.Node) bool {
		s, ok := n.(ast.Stmt)
		if !ok {
			return true
		}
		call := lockCall(s)
		if call == "" {
			return true
		}
		on, method := call[:strings.LastIndexByte(call, '.')], call[strings.LastIndexByte(call, '.')+1:]
		for lock, unlock := range unlocks {
			if method == lock || method == unlock {
				name := on + "." + lock
				if byLock[name] == nil {
					order = append(order, name)
				}
				byLock[name] = append(byLock[name], s)
			}
		}
		return true
	})
	for _, name := range order {
		var edits []edit
		kept := false
		for _, s := range byLock[name] {
			uses, _ := g.keep(s)
			edits = append(edits, g.replace(s, "{ "+uses+"}"))
			kept = kept || lockCall(s) == name
		}
		if kept {
			g.add("unlocked", byLock[name][0], edits...).Race = true
		}
	}
}

// lockCall returns mu.Lock for a statement that is this call, or defers it, and so on for all
// methods of a lock.
func lockCall(s ast.Stmt) string {
	var call *ast.CallExpr
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, _ = s.X.(*ast.CallExpr)
	case *ast.DeferStmt:
		call = s.Call
	}
	if call == nil || len(call.Args) > 0 {
		return ""
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	for lock, unlock := range unlocks {
		if sel.Sel.Name == lock || sel.Sel.Name == unlock {
			return path(sel.X) + "." + sel.Sel.Name
		}
	}
	return ""
}

func path(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return path(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return path(e.X) + "[]"
	}
	return "?"
}
