// Package mutate finds the small changes, mutants, that can be made to a file of Go or Lua: a
// statement removed, a condition that always holds, a constant doubled. It edits text and
// leaves the rest of the file as it is; what does not compile is found when it is compiled.
package mutate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Mutant is one change of one file.
type Mutant struct {
	File string // its name, without folder
	Func string // where it is: (*T).Method, Function, or "" outside of functions
	Kind string // what is done: remove, true, false, ...
	Text string // what is changed, in one line
	Nth  int    // counts mutants of the same Func, Kind and Text

	Line, Col   int  // of Text, for those who look it up
	First, Last int  // lines of Func
	Race        bool // only the race detector may see it
	edits       []edit
}

type edit struct {
	from, to int // byte offsets
	text     string
}

// maxText is how much of the changed text is part of a mutant's key.
const maxText = 100

// Key names the mutant in a list: it stays the same when lines are added elsewhere.
func (m *Mutant) Key() string {
	key := fmt.Sprintf("%s %s | %s | %s", m.File, m.Func, m.Kind, m.Text)
	if m.Nth > 0 {
		key += fmt.Sprintf(" | %d", m.Nth+1)
	}
	return key
}

// Apply returns source with the change.
func (m *Mutant) Apply(source []byte) []byte {
	return []byte(apply(source, 0, len(source), m.edits))
}

// apply returns a part of source with edits.
func apply(source []byte, from, to int, edits []edit) string {
	edits = slices.SortedStableFunc(slices.Values(edits), func(a, b edit) int { return a.from - b.from })
	var out strings.Builder
	for _, e := range edits {
		out.Write(source[from:e.from])
		out.WriteString(e.text)
		from = e.to
	}
	out.Write(source[from:to])
	return out.String()
}

// Find returns the mutants of a file, in the order of the file.
func Find(name string, source []byte) ([]*Mutant, error) {
	var found []*Mutant
	var err error
	if filepath.Ext(name) == ".lua" {
		found = lua(source)
	} else {
		found, err = goFile(name, source)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b *Mutant) int { return a.edits[0].from - b.edits[0].from })
	seen := make(map[string]int)
	for _, m := range found {
		m.File = filepath.Base(name)
		from := m.edits[0].from
		before := string(source[:from])
		m.Line = strings.Count(before, "\n") + 1
		m.Col = from - strings.LastIndexByte(before, '\n')
		first := *m
		first.Nth = 0
		m.Nth = seen[first.Key()]
		seen[first.Key()]++
	}
	return found, nil
}

// oneLine returns text without breaks and indentation, cut off where it becomes long.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
