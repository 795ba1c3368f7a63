package mutate

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
)

// literal changes a number: small ones by one, others by a factor that no tolerance covers.
func (g *goSource) literal(lit *ast.BasicLit) {
	if lit.Kind == token.FLOAT {
		g.add("double", lit, g.replace(lit, "(2 * "+lit.Value+")"))
		return
	}
	if lit.Kind != token.INT {
		return
	}
	n, err := strconv.ParseInt(lit.Value, 0, 64)
	if err != nil {
		return
	}
	switch {
	case n == 0:
		g.add("one more", lit, g.replace(lit, "1"))
	case n == 1:
		g.add("one more", lit, g.replace(lit, "2"))
		g.add("one less", lit, g.replace(lit, "0"))
	case n < 10:
		g.add("double", lit, g.replace(lit, fmt.Sprint(2*n)))
		g.add("one less", lit, g.replace(lit, fmt.Sprint(n-1)))
	default:
		g.add("double", lit, g.replace(lit, fmt.Sprint(2*n)))
		g.add("halve", lit, g.replace(lit, fmt.Sprint(n/2)))
	}
}
