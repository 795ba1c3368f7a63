// Package office is the API of one made-up Kanzlei, as programs meet it behind the
// bearer check: the paths that clients are known to use, with their shapes and their
// traps. clienttest makes one for each Kanzlei.
//
// Where a comment says "seen", a program of the vendor or of a customer depends on
// it. "Inferred" is what nobody has written down: a client must not depend on it.
// Unseen and refused: what is neither is answered with 404 or 405.
//
// Rows are made while they are sent, from the seed and their number; what clients write
// is kept, 10,000 rows and 32 MiB of it at most: then a POST, and the first PUT or
// DELETE of a row, is answered with 507, and a DELETE of what was created makes room.
// All of it is safe for concurrent use. It shares no code with the client. See ARCHITECTURE.md for its place.
package office

import (
	"hash/fnv"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
)

// MaxRows is the largest Options.Rows.
const MaxRows = 1_000_000

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
	// Now is the clock.
	Now func() time.Time
	// Around is where the dates lie of what is made up. The zero value means what Now reads
	// at New.
	Around time.Time
	// Rows is how many rows each large collection has from the start: appointments,
	// tasks, parties and so on. 0 means 40, a negative number none; more than MaxRows
	// is MaxRows. There are 6 cases, and Rows of them if it is more than 40.
	Rows int
}

// Office is one Kanzlei. Make it with New.
type Office struct {
	*table.Base
	rows   int
	routes []rest.Route
}

// New makes an Office.
func New(opts Options) *Office {
	sum := fnv.New64a()
	sum.Write([]byte(opts.Name))
	around := opts.Around
	if around.IsZero() {
		around = opts.Now()
	}
	o := &Office{Base: table.NewBase(opts.Seed^sum.Sum64(), around, opts.Now), rows: opts.Rows}
	if o.rows == 0 {
		o.rows = defaultRows
	}
	o.rows = max(0, min(o.rows, MaxRows))
	o.routes = o.paths()
	return o
}

// paths lists the resources. {} stands for a part of the path.
func (o *Office) paths() []rest.Route {
	days, cases, parties := newAppointments(o.Base), newCases(o), newParties(o)
	activities, followUps, files, invoices := newActivities(o), newFollowUps(o), newFiles(o), newInvoices(o)
	const (
		v1      = "/api/v1"
		advonet = "/api/v1/advonet"
	)
	return []rest.Route{
		rest.Path("/employees", rest.Methods{"GET": listEmployees}),
		rest.Path("/employees/{}", rest.Methods{"GET": oneEmployee}),
		rest.Path("/appointments", rest.Methods{"GET": days.list, "POST": days.create}),
		rest.Path("/appointments/{}", rest.Methods{"GET": days.get, "PUT": days.update, "PATCH": days.update, "DELETE": days.delete}),

		rest.Path(advonet+"/TermineActiveSync", newTermine(o).methods()),
		rest.Path(advonet+"/TodosActiveSync", newTodos(o).methods()),
		rest.Path(advonet+"/Beteiligte", rest.Methods{"GET": parties.list, "POST": parties.create}),
		rest.Path(advonet+"/Beteiligte/{}", rest.Methods{"GET": parties.get, "PUT": parties.replace}),
		rest.Path(advonet+"/Beteiligte/{}/Kommunikationen", rest.Methods{"POST": parties.addContact, "DELETE": parties.removeContact}),
		rest.Path(advonet+"/Beteiligte/{}/Kommunikationen/{}", rest.Methods{"PUT": parties.replaceContact, "DELETE": parties.removeContact}),
		rest.Path(advonet+"/Beteiligte/{}/Bankverbindungen", rest.Methods{"POST": parties.addAccount}),
		rest.Path(advonet+"/Akten/{}", rest.Methods{"GET": cases.getArchivable}),
		rest.Path(advonet+"/Akten/{}/History", rest.Methods{"GET": cases.listHistory, "POST": cases.addHistory}),

		rest.Path(v1+"/Akten", rest.Methods{"GET": cases.list, "POST": cases.create}),
		rest.Path(v1+"/Akten/{}", rest.Methods{"GET": cases.get, "PUT": cases.replace}),
		rest.Path(v1+"/NewActivities", rest.Methods{"GET": activities.list, "POST": activities.create}),
		rest.Path(v1+"/NewActivities/{}", rest.Methods{"GET": activities.get, "PUT": activities.replace}),
		rest.Path(v1+"/Wiedervorlagen", rest.Methods{"GET": followUps.list, "POST": followUps.create}),
		rest.Path(v1+"/Wiedervorlagen/{}", rest.Methods{"GET": followUps.get, "PUT": followUps.replace}),
		rest.Path(v1+"/File", rest.Methods{"GET": files.list, "POST": files.create}),
		rest.Path(v1+"/File/{}", rest.Methods{"GET": files.get, "PUT": files.replace}),
		rest.Path(v1+"/Rechnungen", rest.Methods{"GET": invoices.list, "POST": invoices.create, "PUT": invoices.replaceNamed}),
		rest.Path(v1+"/Rechnungen/{}", rest.Methods{"GET": invoices.get}),
	}
}

// Answer answers a request whose body has been read. The caller has checked whether it
// may be asked.
func (o *Office) Answer(r *http.Request, body []byte) *answer.Answer {
	return rest.Serve(o.routes, &rest.Call{Request: r, Body: body, Query: r.URL.Query()})
}
