package chaos

import "time"

// WorkerHeader is what a worker puts its name under in each request it sends, token
// requests included, so that the fake knows who asks.
const WorkerHeader = "X-Chaos-Worker"

// The commands of a worker: lines on its standard input. The end of the input ends
// the calls.
const (
	Go  = "go"     // begin to call
	Ask = "report" // write what happened since the last report
)

// Event says what a [Line] is about.
type Event string

// The events of a worker, in the order in which the first of each comes. Many tokens,
// refusals and reports may come, and just one of the others.
const (
	Ready   Event = "ready"   // the client is open, and has connected to nothing
	Token   Event = "token"   // a call was sent with a token that this process has not used before
	Refused Event = "refused" // the API answered 401 to a token, for the first time in this process
	Answer  Event = "report"  // to an Ask
	Done    Event = "done"    // the calls are over; Report has the rest
)

// Line is one line of a worker's output.
type Line struct {
	Event       Event
	At          time.Time // of the event
	Fingerprint string    `json:",omitempty"` // of the token, with Token and Refused
	Report      *Report   `json:",omitempty"` // with Answer and Done
}

// Report counts what a worker did since its last report.
type Report struct {
	Calls   int // that came to an end, however
	Failed  int // of them, without the answer they should have
	Refused int // of those, because the gateway refused the credentials
	Foreign int // of those, answered for another identity

	StoreErrors uint64 // operations on Redis that failed or were too slow

	Slowest time.Duration  // call
	Errors  map[string]int // how often each text came, the first MaxErrors of them
	Seconds []Second       // with Done: the whole run; Add leaves them alone
}

// MaxErrors is how many texts a Report has.
const MaxErrors = 10

// Second is one second of a run.
type Second struct {
	Calls, Failed int
	Slowest       time.Duration
}

// Add adds another report of the same worker or of another one.
func (r *Report) Add(o Report) {
	r.Calls += o.Calls
	r.Failed += o.Failed
	r.Refused += o.Refused
	r.Foreign += o.Foreign
	r.StoreErrors += o.StoreErrors
	r.Slowest = max(r.Slowest, o.Slowest)
	for text, n := range o.Errors {
		r.note(text, n)
	}
}

// Fail counts a failed call and keeps the text of its error.
func (r *Report) Fail(err error) {
	r.Failed++
	r.note(err.Error(), 1)
}

func (r *Report) note(text string, n int) {
	if _, known := r.Errors[text]; !known && len(r.Errors) >= MaxErrors {
		return
	}
	if r.Errors == nil {
		r.Errors = make(map[string]int)
	}
	r.Errors[text] += n
}
