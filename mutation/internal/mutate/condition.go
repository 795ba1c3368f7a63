package mutate

import (
	"go/ast"
	"go/token"
)

// condition lets a whole condition hold always, and never. Its operands are changed one by
// one in binary, which has half of that if there are any.
func (g *goSource) condition(cond ast.Expr) {
	op := token.ILLEGAL
	if b, ok := ast.Unparen(cond).(*ast.BinaryExpr); ok {
		op = b.Op
	}
	if op != token.LAND { // else it is as if an operand never held
		g.always(cond)
	}
	g.never(cond)
}

func (g *goSource) always(e ast.Expr) {
	g.add("true", e, edit{g.at(e.Pos()), g.at(e.Pos()), "(("}, edit{g.at(e.End()), g.at(e.End()), ") || true)"})
}

func (g *goSource) never(e ast.Expr) {
	g.add("false", e, edit{g.at(e.Pos()), g.at(e.Pos()), "(("}, edit{g.at(e.End()), g.at(e.End()), ") && false)"})
}

var swaps = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.EQL: "!=", token.NEQ: "==",
	token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*", token.REM: "*",
	token.AND: "|", token.OR: "&", token.SHL: ">>", token.SHR: "<<",
}

// binary drops an operand of && and ||, and swaps other operators for their neighbours.
func (g *goSource) binary(b *ast.BinaryExpr) {
	for _, x := range []ast.Expr{b.X, b.Y} {
		inner, _ := ast.Unparen(x).(*ast.BinaryExpr)
		same := inner != nil && inner.Op == b.Op // its operands are dropped themselves
		switch {
		case b.Op == token.LAND && !same:
			g.always(x)
		case b.Op == token.LOR && !same:
			g.never(x)
		}
	}
	if by := swaps[b.Op]; by != "" {
		if lit, ok := b.X.(*ast.BasicLit); ok && b.Op == token.ADD && lit.Kind == token.STRING {
			return
		}
		at := g.at(b.OpPos)
		g.add(b.Op.String()+" to "+by, b, edit{at, at + len(b.Op.String()), by})
	}
}
