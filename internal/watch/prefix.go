package watch

import (
	"slices"
	"strings"
)

const (
	// maxPrefixes is how many prefixes one connection tracks: the server compares each
	// key that is written with all of them.
	maxPrefixes = 32
	// minFold is the shortest prefix that many names are tracked by. With a shorter one
	// the server would push every second key that it has.
	minFold = 4
)

// prefixes returns what to track so that all names are covered: at most limit
// prefixes, none of which begins with another one, as Redis requires. It is false if that
// is impossible.
func prefixes(names []string, limit int) ([]string, bool) {
	var plain, braced []string
	for _, name := range names {
		if p := prefixOf(name); strings.HasPrefix(p, "{") {
			braced = append(braced, p)
		} else {
			plain = append(plain, p)
		}
	}
	plain, braced = minimal(plain), minimal(braced)
	keys := len(plain)
	larger, smaller := &plain, &braced
	if len(*larger) < len(*smaller) {
		larger, smaller = smaller, larger
	}
	for _, group := range []*[]string{larger, smaller} {
		if len(plain)+len(braced) <= limit {
			break
		}
		*group = folded(*group)
	}
	if len(plain) < keys && len(braced) > 0 {
		// Leases come and go: each would have a prefix, and whenever there are too many, all keys
		// would have a gap.
		for _, p := range plain {
			braced = append(braced, "{"+p)
		}
	}
	all := minimal(append(plain, braced...))
	return all, len(all) <= limit
}

// prefixOf returns what to track for one name. All the names {key}:… share one.
func prefixOf(name string) string {
	if strings.HasPrefix(name, "{") {
		if i := strings.LastIndex(name, "}:"); i > 0 {
			return name[:i+2]
		}
	}
	return name
}

// minimal drops what begins with another one.
func minimal(list []string) []string {
	slices.Sort(list)
	var kept []string
	for _, p := range list { // what begins with p follows it directly
		if len(kept) == 0 || !strings.HasPrefix(p, kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept
}

// folded returns, for a sorted list, the longest prefix of each family: of those that begin with
// the same minFold bytes. What is shorter than that is a family of its own.
func folded(list []string) (prefixes []string) {
	for i := 0; i < len(list); {
		first, end := list[i], i+1
		for end < len(list) && len(first) >= minFold && strings.HasPrefix(list[end], first[:minFold]) {
			end++
		}
		last, n := list[end-1], 0
		for n < len(first) && first[n] == last[n] { // last is no shorter than what both begin with
			n++
		}
		prefixes, i = append(prefixes, first[:n]), end
	}
	return prefixes
}

// covered reports whether name begins with one of the prefixes.
func covered(tracked []string, name string) bool {
	return slices.ContainsFunc(tracked, func(p string) bool { return strings.HasPrefix(name, p) })
}

// addable returns the prefixes that make tracked cover the missing names too; false
// if they cannot simply be added.
func addable(tracked, missing []string) ([]string, bool) {
	more, ok := prefixes(missing, maxPrefixes-len(tracked))
	for _, p := range more {
		for _, t := range tracked {
			ok = ok && !strings.HasPrefix(t, p)
		}
	}
	return more, ok
}
