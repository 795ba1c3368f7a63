// Package suggest finds what a misspelt word was meant to be.
package suggest

import (
	"strings"
	"unicode/utf8"
)

// Closest returns the word that is most like the given one, "" if none is: at most a third
// of its letters are wrong, missing, too many or in the place of their neighbour. Case does
// not count. Of two that are alike the first one is returned.
func Closest(word string, words []string) string {
	best, least := "", max(1, min(3, utf8.RuneCountInString(strings.TrimLeft(word, "-"))/3))+1
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < least && d < utf8.RuneCountInString(strings.TrimLeft(w, "-")) {
			best, least = w, d
		}
	}
	return best
}

// longest is how long a word may be for its distance to be counted.
const longest = 64

// distance is the optimal string alignment distance: how many letters are to be changed,
// added, left out or swapped with their neighbour.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > longest || len(t) > longest {
		return longest
	}
	before, last, now := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		now[0] = i + 1
		for j := range t {
			change := last[j]
			if s[i] != t[j] {
				change++
			}
			now[j+1] = min(change, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(t)]
}
