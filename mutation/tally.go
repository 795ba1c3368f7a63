package main

import (
	"fmt"
	"os"
	"time"

	"github.com/advoware-go/advoware/mutation/internal/record"
	"github.com/advoware-go/advoware/mutation/internal/trial"
)

// tally counts what became of a package's mutants.
type tally struct {
	known *record.Record
	pkg   string
	out   *os.File
	end   time.Time // after which no mutant is begun; zero: there is none

	all, running               int
	equivalent, killed, missed int
}

// counted is how many count, with those that are being tried.
func (t *tally) counted() int { return t.killed + t.missed + t.running }

func (t *tally) add(r trial.Result) {
	switch r.Outcome {
	case trial.Killed, trial.Stuck:
		t.killed++
	case trial.Survived, trial.Unrun:
		t.missed++
		fmt.Printf("%s: %s: %s\n\t%s\n", r.Package, r.At, r.Outcome, r.Key)
	}
	if err := write(t.out, r); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
	}
}

// report tells the score, and whether it is as good as the recorded one, chance allowed for.
func (t *tally) report() bool {
	n := t.killed + t.missed
	if n == 0 {
		fmt.Printf("%s: no mutant of %d was tried\n", t.pkg, t.all)
		return true
	}
	score := 100 * t.killed / n
	want := t.known.Score(t.pkg)
	fmt.Printf("%s: %d of %d killed, %d %%, recorded are %d %%; %d are equivalent, of %d\n", t.pkg, t.killed, n, score, want, t.equivalent, t.all)
	if record.Likely(want, t.killed, n) {
		return true
	}
	fmt.Printf("%s: so few would be killed by chance once in %d samples: the tests have become weaker\n", t.pkg, record.Once)
	return false
}
