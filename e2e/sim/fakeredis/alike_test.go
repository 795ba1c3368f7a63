package fakeredis_test

import (
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/internal/redistest"
)

// alike reports whether two answers are the same. Times go on between the two servers, so
// that numbers may differ a little, also in a text.
func alike(fake fakeredis.Reply, real any) bool {
	switch f := fake.(type) {
	case nil:
		return real == nil
	case int64:
		r, is := real.(int64)
		return is && near(f, r)
	case fakeredis.Error:
		r, is := real.(redistest.Error)
		code, _, _ := strings.Cut(string(f), " ")
		return is && strings.HasPrefix(string(r), code+" ")
	case fakeredis.Status:
		return real == string(f)
	case string:
		r, is := real.(string)
		return is && sameWords(f, r)
	case []fakeredis.Reply:
		r, is := real.([]any)
		if !is || len(r) != len(f) {
			return false
		}
		for i := range f {
			if !alike(f[i], r[i]) {
				return false
			}
		}
		return true
	}
	return false
}

func sameWords(f, r string) bool {
	a, b := strings.Fields(f), strings.Fields(r)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, err := strconv.ParseInt(a[i], 10, 64)
		y, err2 := strconv.ParseInt(b[i], 10, 64)
		if a[i] != b[i] && (err != nil || err2 != nil || !near(x, y)) {
			return false
		}
	}
	return true
}

func near(a, b int64) bool {
	const slow = 3000 // ms, if the machine is busy
	return a == b || a > slow && b > slow && max(a-b, b-a) < slow
}
