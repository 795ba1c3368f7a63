package office

import (
	"net/http"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
)

// resource is a collection at /api/v1, as a Node client uses them. GET with "Search",
// POST and PUT were seen, and no paging. That a write is answered with the row as it
// stands is inferred, and so are the members.
type resource[R any] struct {
	rows  *table.Table[R]
	limit int // bytes of a body
	id    func(*R) int
	texts func(*R) []string // that are searched
	// read changes what was sent before it is kept; nil keeps it as it is.
	read func(*R)
}

func (s *resource[R]) list(c *rest.Call) *answer.Answer {
	wanted, rows := search(c), s.rows.All()
	return rest.Array(c, s.rows.Most(), func(yield func(R) bool) {
		for row := range rows {
			if c.Context().Err() != nil { // nobody waits for the rest of a million
				return
			}
			if wanted(s.texts(&row)...) && !yield(row) {
				return
			}
		}
	})
}

func (s *resource[R]) get(c *rest.Call) *answer.Answer {
	if number, ok := c.Number(0); ok {
		if row, ok := s.rows.Find(number); ok {
			return answer.JSON(http.StatusOK, row)
		}
	}
	return answer.NotFound()
}

func (s *resource[R]) create(c *rest.Call) *answer.Answer {
	row, size, bad := s.decode(c)
	if bad != nil {
		return bad
	}
	row, bad = s.rows.Add(row, size)
	if bad != nil {
		return bad
	}
	return rest.Created(c, s.id(&row), row)
}

// replace is PUT on a row: what the body does not name is empty afterwards (seen).
func (s *resource[R]) replace(c *rest.Call) *answer.Answer {
	number, ok := c.Number(0)
	if !ok {
		return answer.NotFound()
	}
	row, size, bad := s.decode(c)
	if bad != nil {
		return bad
	}
	return s.put(number, row, size)
}

// replaceNamed is PUT on the collection; the body names the row (seen for invoices).
func (s *resource[R]) replaceNamed(c *rest.Call) *answer.Answer {
	row, size, bad := s.decode(c)
	if bad != nil {
		return bad
	}
	if s.id(&row) == 0 {
		return rest.BadMember("id", "fehlt")
	}
	return s.put(s.id(&row), row, size)
}

func (s *resource[R]) put(number int, row R, size int) *answer.Answer {
	row, bad := s.rows.Change(number, func(R) (R, int, *answer.Answer) { return row, size, nil })
	if bad != nil {
		return bad
	}
	return answer.JSON(http.StatusOK, row)
}

func (s *resource[R]) decode(c *rest.Call) (row R, size int, bad *answer.Answer) {
	if bad := rest.Decode(c.Body, s.limit, &row); bad != nil {
		return row, 0, bad
	}
	size = len(c.Body)
	if s.read != nil {
		s.read(&row)
		size = 0 // the content is not kept
		for _, text := range s.texts(&row) {
			size += len(text)
		}
	}
	return row, size, nil
}
