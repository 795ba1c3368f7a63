package load

import (
	"cmp"
	"regexp"
	"slices"
	"sync"

	"github.com/advoware-go/advoware/benchmarks/study/oneline"
)

const (
	problemsKept  = 20
	problemLength = 200
)

// Problem is an error that calls ended with, and how many did.
type Problem struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// long is what tells one tenant or port from the next. Errors that differ in it alone are one.
var long = regexp.MustCompile(`[0-9]{4,}`)

// problems counts errors by their text.
type problems struct {
	mu     sync.Mutex
	counts map[string]int
}

func (p *problems) add(err error) {
	text := long.ReplaceAllString(oneline.Of(err), "#")
	if runes := []rune(text); len(runes) > problemLength {
		text = string(runes[:problemLength]) + "…"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts == nil {
		p.counts = make(map[string]int)
	}
	if _, known := p.counts[text]; !known && len(p.counts) == problemsKept {
		text = "other errors"
	}
	p.counts[text]++
}

func (p *problems) list() []Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	return listProblems(p.counts)
}

// listProblems returns them with the most frequent first.
func listProblems(counts map[string]int) []Problem {
	var all []Problem
	for text, n := range counts {
		all = append(all, Problem{text, n})
	}
	slices.SortFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	return all
}

// mergeProblems adds lists up.
func mergeProblems(lists ...[]Problem) []Problem {
	counts := make(map[string]int)
	for _, list := range lists {
		for _, p := range list {
			counts[p.Text] += p.Count
		}
	}
	return listProblems(counts)
}
