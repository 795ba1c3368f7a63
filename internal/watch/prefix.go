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
	if keys > 1 && len(plain) == 1 && len(braced) > 0 {
		// Leases come and go: each would have a prefix, and whenever there are too many, all keys
		// would have a gap.
		braced = minimal(append(braced, "{"+plain[0]))
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

// folded returns the longest prefix that a sorted list has in common, if that is
// long enough, or else the list.
func folded(list []string) []string {
	if len(list) < 2 {
		return list
	}
	first, last := list[0], list[len(list)-1]
	n := 0
	for n < len(first) && n < len(last) && first[n] == last[n] {
		n++
	}
	if n < minFold {
		return list
	}
	return []string{first[:n]}
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
			ok = ok && !strings.HasPrefix(t, p) && !strings.HasPrefix(p, t)
		}
	}
	return more, ok
}
