package clienttest

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// record is an entry of a list, with the number that is the end of its path.
type record interface{ number() int }

// list answers with a part of all: "limit" entries from "offset" on, everything
// without them. X-Total-Count says how many there are.
func list[R record](c *call, all []R) *answer.Answer {
	query := c.URL.Query()
	offset, bad := natural(query, "offset", 0)
	limit, bad2 := natural(query, "limit", len(all))
	if bad != nil || bad2 != nil {
		return first(bad, bad2)
	}
	from := min(offset, len(all))
	to := from + min(limit, len(all)-from)
	a := answer.JSON(http.StatusOK, append([]R{}, all[from:to]...)) // [] and not null
	a.Header.Set("X-Total-Count", strconv.Itoa(len(all)))
	return a
}

// one answers with the record that the path names.
func one[R record](c *call, all []R) *answer.Answer {
	for _, r := range all {
		if strconv.Itoa(r.number()) == c.id {
			return answer.JSON(http.StatusOK, r)
		}
	}
	return answer.NotFound()
}

// natural reads a number that is not negative from the query.
func natural(query url.Values, name string, def int) (int, *answer.Answer) {
	if !query.Has(name) {
		return def, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 {
		return 0, answer.Refusal(http.StatusBadRequest, name, "Der Parameter "+name+" muss eine ganze Zahl ab 0 sein.")
	}
	return n, nil
}

func first(answers ...*answer.Answer) *answer.Answer {
	for _, a := range answers {
		if a != nil {
			return a
		}
	}
	return nil
}
