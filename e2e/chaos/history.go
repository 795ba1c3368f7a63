package chaos

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// FetchHeader is in each token request of a process that writes a history: the ID of its
// operation there. So the fake knows which token it issued when.
const FetchHeader = "X-Chaos-Fetch"

// World is the process that a history calls the test itself, and what is outside.
const World = "world"

// Kind is what an operation of a history does.
type Kind string

// What a process does, and what happens outside of it. What is only Noted is there for the
// picture, and nothing follows from it.
const (
	TokenOp   Kind = "token"   // ask for a token
	RefreshOp Kind = "refresh" // ask for a token that is requested from now on
	RejectOp  Kind = "reject"  // say that the API refused Token
	FetchOp   Kind = "fetch"   // a token request, of whose answer Token is
	IssueOp   Kind = "issue"   // the gateway got the token request Fetch of the process For
	SetOp     Kind = "set"     // another program writes Token
	DeleteOp  Kind = "delete"  // another program deletes the key
	OutageOp  Kind = "outage"  // Redis cannot be relied on, for the process For or, if that is empty, for all
	Noted     Kind = "note"
)

// Part is which end of an operation an [Entry] is about.
type Part string

// An operation that takes time has a Begin and, unless the process was killed, an End. What
// happens at an instant has an End alone.
const (
	Begin Part = "begin"
	End   Part = "end"
)

// Entry is one line of a history: the begin or the end of an operation.
type Entry struct {
	Process string
	ID      int // of the operation; both its entries have it, and no other operation of the process
	Kind    Kind
	Part    Part
	At      time.Time

	Key      string `json:",omitempty"` // of the token
	Identity string `json:",omitempty"` // that the process has or, with SetOp, that the token was issued for
	Token    string `json:",omitempty"` // its fingerprint
	For      string `json:",omitempty"` // another process that this is about
	Fetch    int    `json:",omitempty"` // with IssueOp
	Error    string `json:",omitempty"` // with End: what went wrong
	Unclear  bool   `json:",omitempty"` // it is not known whether the operation has had its effect
	Text     string `json:",omitempty"` // for people
}

// History is the file to which a process writes its operations. Each entry is written at
// once, by one call of the system: what a killed process has begun is there. It is safe for
// concurrent use.
type History struct {
	process, key, identity string

	mu   sync.Mutex
	file *os.File
	last int // ID
}

// NewHistory begins the history of a process in a file that does not exist yet. Its
// operations have that key and identity unless they say something else.
func NewHistory(path, process, key, identity string) (*History, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("chaos: %w", err)
	}
	return &History{process: process, key: key, identity: identity, file: file}, nil
}

// Begin writes the begin of an operation and returns its ID.
func (h *History) Begin(e Entry) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e.ID, e.Part = h.last, Begin
	h.write(e)
	return e.ID
}

// End writes the end of the operation with that ID, in which e has what it did not have at
// its begin.
func (h *History) End(id int, e Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e.ID, e.Part = id, End
	h.write(e)
}

// Note writes an operation of one instant.
func (h *History) Note(e Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e.ID, e.Part = h.last, End
	h.write(e)
}

// write panics if it cannot write: a history with a hole says nothing. The mutex is held.
func (h *History) write(e Entry) {
	e.Process = h.process
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if e.Key == "" {
		e.Key = h.key
	}
	if e.Identity == "" {
		e.Identity = h.identity
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = h.file.Write(append(line, '\n'))
	}
	if err != nil {
		panic(fmt.Sprintf("chaos: a history cannot be written: %v", err))
	}
}

// Close closes the file.
func (h *History) Close() error { return h.file.Close() }
