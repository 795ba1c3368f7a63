package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// Verdict is what was found in a history.
type Verdict struct {
	Operations int // that the model is about
	Reads      int // of these, answers of Token and Refresh
	Calm       int // of these, those that no outage excuses
	Writes     int // of the operations
	Tokens     int // that were handed out

	Violations []Violation `json:",omitempty"`
}

// Violation says that there is no order of the operations on one key.
type Violation struct {
	Key     string
	What    string // the first operation that does not fit
	Picture string // the file of it
}

// examine looks at each key of a history by itself.
func examine(all []operation, pictures string, limit time.Duration) (Verdict, error) {
	var v Verdict
	var keys []string
	for _, o := range all {
		if (o.isRead() || o.mayWrite()) && !slices.Contains(keys, o.Key) {
			keys = append(keys, o.Key)
		}
	}
	for _, key := range keys {
		steps := prepare(key, all)
		v.count(steps)
		result, info := porcupine.CheckOperationsVerbose(model, operations(steps), limit)
		switch result {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			return v, fmt.Errorf("%s: no order was found in %v, and none was excluded", key, limit)
		}
		info.AddAnnotations(annotations(all))
		if err := os.MkdirAll(pictures, 0o700); err != nil {
			return v, err
		}
		name := filepath.Join(pictures, strings.Map(plain, key)+".html")
		if err := porcupine.VisualizePath(model, info, name); err != nil {
			return v, err
		}
		v.Violations = append(v.Violations, Violation{Key: key, What: misfit(steps, info), Picture: name})
	}
	return v, nil
}

func (v *Verdict) count(steps []step) {
	tokens := make(map[string]bool)
	for _, s := range steps {
		v.Operations++
		switch {
		case s.isRead():
			v.Reads++
			if s.calm {
				v.Calm++
			}
			tokens[s.Token] = true
		case s.mayWrite():
			v.Writes++
		}
	}
	v.Tokens += len(tokens)
}

// operations are the steps as porcupine has them.
func operations(steps []step) []porcupine.Operation {
	clients := make(map[string]int)
	var all []porcupine.Operation
	for i := range steps {
		s := &steps[i]
		if _, known := clients[s.Process]; !known {
			clients[s.Process] = len(clients)
		}
		all = append(all, porcupine.Operation{ClientId: clients[s.Process], Input: s, Call: s.begin.UnixNano(), Return: s.end.UnixNano()})
	}
	return all
}

// annotations are what happened outside of the register.
func annotations(all []operation) []porcupine.Annotation {
	var some []porcupine.Annotation
	for _, o := range all {
		if o.Kind == chaos.OutageOp || o.Kind == chaos.Noted {
			end := o.end
			if o.open {
				end = o.begin
			}
			some = append(some, porcupine.Annotation{
				Tag: strings.TrimSpace(string(o.Kind) + " " + o.For), Start: o.begin.UnixNano(), End: end.UnixNano(), Description: o.Text,
			})
		}
	}
	return some
}

// misfit says which operation does not fit to the longest order that there is, and why.
func misfit(steps []step, info porcupine.LinearizationInfo) string {
	var longest []porcupine.Operation
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, some := range partition {
			if len(some) > len(longest) {
				longest = some
			}
		}
	}
	var r register
	done := make(map[*step]bool)
	for _, o := range longest {
		s := o.Input.(*step)
		r, _ = r.next(s)
		done[s] = true
	}
	first := -1 // of the rest, the one that ends first
	for i := range steps {
		if s := &steps[i]; !done[s] && (first < 0 || s.end.Before(steps[first].end)) {
			first = i
		}
	}
	if first < 0 {
		return "no order was found"
	}
	s := &steps[first]
	_, why := r.next(s)
	return fmt.Sprintf("%s: %s, from %s to %s: %s", s.Process, describe(s), clock(s.begin), clock(s.end), why)
}

// plain keeps of a key what a name of a file may have everywhere.
func plain(r rune) rune {
	if r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
		return r
	}
	return '_'
}
