package office

import (
	"net/http"
	"slices"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// synced is a collection for calendars on telephones: the members are in PascalCase,
// and the query says what a request is about. All of this was seen with the vendor's
// calendar backend, but for what is marked as inferred.
type synced[R any] struct {
	rows    *table.Table[R]
	id      func(*R) int
	kuerzel func(*R) string
	// common is what "kuerzel" says for rows that are nobody's; they have one of these.
	common  string
	nobody  []string
	span    func(*R) (from, to time.Time)
	problem func(*R) *answer.Answer // nil, or what is wrong with a row
}

func (s *synced[R]) methods() rest.Methods {
	return rest.Methods{"GET": s.get, "POST": s.create, "PUT": s.replace, "DELETE": s.remove}
}

// get answers with one object where "frnr" names it, else with an array. "from" and
// "to" are days or times, and each may be missing; without "kuerzel" it is the rows of
// all employees. Other names are ignored: "frNr" answers with everything.
func (s *synced[R]) get(c *rest.Call) *answer.Answer {
	if c.Query.Get("frnr") != "" { // an empty one is as if absent (inferred)
		number, bad := s.number(c)
		if bad != nil {
			return bad
		}
		row, ok := s.rows.Find(number)
		if !ok {
			return answer.NotFound() // inferred
		}
		return answer.JSON(http.StatusOK, row)
	}
	from, bad := bound(c, "from", time.Time{}, 0)
	if bad != nil {
		return bad
	}
	to, bad := bound(c, "to", time.Unix(1<<40, 0), 24*time.Hour)
	if bad != nil {
		return bad
	}
	rows := s.rows.All()
	return rest.Array(c, s.rows.Most(), func(yield func(R) bool) {
		for row := range rows {
			if c.Context().Err() != nil { // nobody waits for the rest of a million
				return
			}
			begin, end := s.span(&row)
			if begin.Before(to) && !end.Before(from) && s.belongs(&row, c.Query.Get("kuerzel")) && !yield(row) {
				return
			}
		}
	})
}

// bound reads a day or a time in UTC. A day counts whole, so that the end of "to" is
// the end of it (inferred). What is neither is refused (inferred).
func bound(c *rest.Call, name string, def time.Time, day time.Duration) (time.Time, *answer.Answer) {
	text := c.Query.Get(name)
	if text == "" {
		return def, nil
	}
	t, ok := value.Parse(text, value.InUTC)
	if !ok {
		return t, rest.BadParameter(name, "ist kein Datum")
	}
	if len(text) == len(time.DateOnly) {
		return t.Add(day), nil
	}
	return t.Add(1), nil
}

func (s *synced[R]) belongs(row *R, kuerzel string) bool {
	switch kuerzel {
	case "":
		return true
	case s.common:
		return slices.Contains(s.nobody, s.kuerzel(row))
	}
	return s.kuerzel(row) == kuerzel
}

// number reads "frnr". Without one nothing is changed (inferred).
func (s *synced[R]) number(c *rest.Call) (int, *answer.Answer) {
	n, ok := rest.Number(c.Query.Get("frnr"))
	if !ok {
		return 0, rest.BadParameter("frnr", "fehlt oder ist keine ganze Zahl")
	}
	return n, nil
}

// create answers with the new number, and nothing around it.
func (s *synced[R]) create(c *rest.Call) *answer.Answer {
	row, bad := s.decode(c)
	if bad != nil {
		return bad
	}
	row, bad = s.rows.Add(row, len(c.Body))
	if bad != nil {
		return bad
	}
	return answer.JSON(http.StatusOK, s.id(&row))
}

// replace answers with the row as it stands (inferred). What the body does not name is
// empty afterwards.
func (s *synced[R]) replace(c *rest.Call) *answer.Answer {
	number, bad := s.number(c)
	if bad != nil {
		return bad
	}
	row, bad := s.decode(c)
	if bad != nil {
		return bad
	}
	row, bad = s.rows.Change(number, func(R) (R, int, *answer.Answer) { return row, len(c.Body), nil })
	if bad != nil {
		return bad
	}
	return answer.JSON(http.StatusOK, row)
}

func (s *synced[R]) remove(c *rest.Call) *answer.Answer {
	number, bad := s.number(c)
	if bad != nil {
		return bad
	}
	if bad := s.rows.Remove(number); bad != nil {
		return bad
	}
	return rest.NoContent()
}

func (s *synced[R]) decode(c *rest.Call) (row R, bad *answer.Answer) {
	if bad := rest.Decode(c.Body, maxBody, &row); bad != nil {
		return row, bad
	}
	return row, s.problem(&row)
}
