// Package office is the API of one made-up Kanzlei, as programs meet it behind the
// bearer check: the paths that clients are known to use, with their shapes and their
// traps. clienttest makes one for each Kanzlei.
//
// Where a comment says "seen", a program of the vendor or of a customer depends on
// it. "Inferred" is what nobody has written down: a client must not depend on it.
// Unseen and refused: what is neither is answered with 404 or 405.
//
// Rows are made while they are written, from the seed and their number; what clients
// write is kept, up to MaxWritten rows and MaxBytes in all. All of it is safe for
// concurrent use. It shares no code with the client. See ARCHITECTURE.md for its place.
package office

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Bounds of what clients can make an Office keep. Beyond them a POST, and the first
// PUT or DELETE of a row, is answered with 507; a DELETE of what was created makes room.
const (
	MaxWritten = 10_000
	MaxBytes   = 32 << 20
	// MaxRows is the largest Options.Rows.
	MaxRows = 1_000_000
)

// Largest bodies, in bytes. The content of a file is counted and not kept.
const (
	maxBody     = 1 << 20
	maxFileBody = 16 << 20
)

// defaultRows is Options.Rows where it is 0.
const defaultRows = 40

// Options says what an Office has. Now is required.
type Options struct {
	// Seed and Name, the Kanzlei, decide all that is made up: names, dates relative to
	// the clock, rowIds.
	Seed uint64
	Name string
	// Now is the clock: what is made up lies around its reading at New.
	Now func() time.Time
	// Rows is how many rows each large collection has from the start: appointments,
	// tasks, parties and so on. 0 means 40, a negative number none; more than MaxRows
	// is MaxRows. Cases are 6 at least.
	Rows int
}

// Office is one Kanzlei. Make it with New.
type Office struct {
	seed  uint64
	now   func() time.Time
	began time.Time
	rows  int
	room  room

	routes []route
}

// New makes an Office.
func New(opts Options) *Office {
	sum := fnv.New64a()
	sum.Write([]byte(opts.Name))
	o := &Office{seed: opts.Seed ^ sum.Sum64(), now: opts.Now, began: opts.Now(), rows: opts.Rows}
	switch {
	case o.rows == 0:
		o.rows = defaultRows
	case o.rows < 0:
		o.rows = 0
	}
	o.rows = min(o.rows, MaxRows)
	o.routes = o.paths(opts.Rows)
	return o
}

// paths lists the resources. {} stands for a part of the path.
func (o *Office) paths(asked int) []route {
	days := newAppointments(&o.room)
	cases := newCases(o, asked)
	return []route{
		path("/employees", methods{"GET": listEmployees}),
		path("/employees/{}", methods{"GET": oneEmployee}),
		path("/appointments", methods{"GET": days.list, "POST": days.create}),
		path("/appointments/{}", methods{"GET": days.get, "PUT": days.update, "PATCH": days.update, "DELETE": days.delete}),
		path("/api/v1/Akten", methods{"GET": cases.list, "POST": cases.create}),
		path("/api/v1/Akten/{}", methods{"GET": cases.get, "PUT": cases.replace}),
		path("/api/v1/advonet/Akten/{}", methods{"GET": cases.getArchivable}),
		path("/api/v1/advonet/Akten/{}/History", methods{"GET": cases.listHistory, "POST": cases.addHistory}),
	}
}

// Answer answers a request whose body has been read. The caller has checked who asks.
func (o *Office) Answer(r *http.Request, body []byte) *answer.Answer {
	return serve(o.routes, &call{Request: r, body: body, query: r.URL.Query()})
}

// random is the source of what is made up for a row of a collection.
func (o *Office) random(collection string, number int) *rand.Rand {
	sum := fnv.New64a()
	sum.Write([]byte(collection))
	return rand.New(rand.NewPCG(o.seed^sum.Sum64(), uint64(number)))
}
