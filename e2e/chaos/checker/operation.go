package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// operation is one operation of a history, its two entries put together.
type operation struct {
	chaos.Entry // of its end, if it has one, with what only its begin says

	begin, end time.Time
	open       bool // it has no end
}

// never is later than all that happens.
var never = time.Unix(0, math.MaxInt64)

// read returns the operations of one process, or of several. The last line may be torn: its
// process was killed.
func read(from io.Reader) ([]operation, error) {
	type id struct {
		process string
		id      int
	}
	var all []operation
	begun := make(map[id]int) // where in all
	lines := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		var e chaos.Entry
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		at, known := begun[id{e.Process, e.ID}]
		switch {
		case e.Part == chaos.Begin && !known:
			begun[id{e.Process, e.ID}] = len(all)
			all = append(all, operation{Entry: e, begin: e.At, end: never, open: true})
		case e.Part == chaos.End && known && all[at].open:
			all[at].finish(e)
		case e.Part == chaos.End && !known:
			all = append(all, operation{Entry: e, begin: e.At, end: e.At})
		default:
			return nil, fmt.Errorf("line %d: %s %s of operation %d of %s does not fit to the ones before", n, e.Part, e.Kind, e.ID, e.Process)
		}
	}
}

func (o *operation) finish(e chaos.Entry) {
	o.open, o.end = false, e.At
	o.Error, o.Unclear = e.Error, e.Unclear
	if e.Token != "" {
		o.Token = e.Token
	}
	if e.Text != "" {
		o.Text = e.Text
	}
}

// isRead reports whether the operation handed a token out.
func (o *operation) isRead() bool {
	return (o.Kind == chaos.TokenOp || o.Kind == chaos.RefreshOp) && !o.open && o.Error == ""
}

// mayWrite reports whether the operation may have put a token into the register.
func (o *operation) mayWrite() bool {
	switch o.Kind {
	case chaos.FetchOp:
		return !o.open && o.Error == ""
	case chaos.SetOp:
		return o.open || o.Error == "" || o.Unclear
	}
	return false
}
