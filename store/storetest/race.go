package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/advoware-go/advoware/store"
)

const (
	crowd  = 8  // concurrent goroutines
	rounds = 20 // few enough for a store behind a network
)

func raceIntoEmpty(s *subject) {
	for range rounds {
		toks, standing := make([]store.Token, crowd), make([]store.Token, crowd)
		for i := range toks {
			toks[i] = fresh(long)
		}
		s.together(crowd, func(i int) (err error) {
			standing[i], err = s.store.CompareAndSwap(s.Context(), s.key, none, toks[i])
			return err
		})
		winners := 0
		for i, tok := range toks {
			if standing[i].Equal(tok) {
				winners++
			}
			if !standing[i].Equal(standing[0]) {
				s.Errorf("one CompareAndSwap returned %v, another %v", standing[0], standing[i])
			}
		}
		if winners != 1 {
			s.Errorf("%d CompareAndSwap calls returned their own token, want 1", winners)
		}
		s.delete(s.holds(standing[0]))
	}
}

// raceUpdates checks that all successful updates form one chain: each replaced a token that
// another one had stored, and no two replaced the same.
func raceUpdates(s *subject) {
	var mu sync.Mutex
	replacedBy := make(map[string]store.Token) // by text of the old token
	s.together(crowd, func(int) error {
		for range rounds {
			old, err := s.store.Get(s.Context(), s.key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			tok := fresh(long)
			stands, err := s.store.CompareAndSwap(s.Context(), s.key, old, tok)
			if err != nil {
				return err
			}
			if !stands.Equal(tok) {
				continue
			}
			mu.Lock()
			other, twice := replacedBy[old.Reveal()]
			replacedBy[old.Reveal()] = tok
			mu.Unlock()
			if twice {
				return fmt.Errorf("%v was replaced by %v and by %v: an update was lost", old, other, tok)
			}
		}
		return nil
	})
	last, length := none, 0
	for next, ok := replacedBy[""]; ok; next, ok = replacedBy[last.Reveal()] {
		last = next
		length++
	}
	if length != len(replacedBy) {
		s.Errorf("%d updates succeeded, but the chain that leads to %v has %d", len(replacedBy), last, length)
	}
	s.holds(last)
}

func raceDeleteSwap(s *subject) {
	old := s.put()
	for range rounds {
		tok := fresh(long)
		s.together(crowd, func(i int) error {
			if i != crowd/2 {
				return s.store.CompareAndDelete(s.Context(), s.key, old)
			}
			stands, err := s.store.CompareAndSwap(s.Context(), s.key, old, tok)
			if err == nil && !stands.Equal(tok) {
				err = fmt.Errorf("CompareAndSwap(%v, %v) = %v, want the new one", old, tok, stands)
			}
			return err
		})
		old = s.holds(tok)
	}
}

func raceLateDeletes(s *subject) {
	late := []store.Token{s.put()}
	for range rounds {
		old, tok := late[len(late)-1], fresh(long)
		s.swap(old, tok, tok)
		s.together(crowd, func(i int) error {
			return s.store.CompareAndDelete(s.Context(), s.key, late[i%len(late)])
		})
		s.holds(tok)
		late = append(late, tok)
	}
}

// raceReaders has one writer and several readers for each of two keys. The text of a token
// has the key and a version, at its start and again at its end.
func raceReaders(s *subject) {
	const (
		readers, versions = 3, 4 * rounds
		enough            = 5000 // reads; a writer that waits must not wait for readers that spin
	)
	var written [2]atomic.Bool
	var stored [2]atomic.Int64 // the version whose write has returned
	at := func(key int) string { return s.key + strconv.Itoa(key) }
	tokens := [2][versions]store.Token{}
	for key := range tokens {
		for v := range versions {
			tokens[key][v] = token(version{key, v}.text(), long)
		}
		s.swapAt(at(key), none, tokens[key][0], tokens[key][0])
	}
	write := func(key int) error {
		defer written[key].Store(true)
		for v := 1; v < versions; v++ {
			old, tok := tokens[key][v-1], tokens[key][v]
			stands, err := s.store.CompareAndSwap(s.Context(), at(key), old, tok)
			if err != nil {
				return err
			}
			if !stands.Equal(tok) {
				return fmt.Errorf("the only writer of a key found %v there, want %v", stands, old)
			}
			stored[key].Store(int64(v))
		}
		return nil
	}
	read := func(key int) error {
		seen := version{key, 0}
		for n := 0; n < enough && !written[key].Load(); n++ {
			seen.n = max(seen.n, int(stored[key].Load()))
			tok, err := s.store.Get(s.Context(), at(key))
			if err != nil {
				return err
			}
			got, ok := parseVersion(tok.Reveal())
			if !ok || got.key != key || got.n < seen.n {
				return fmt.Errorf("a reader of key %d got %q after version %d was read or written, want a whole token of that key, no older one", key, tok.Reveal(), seen.n)
			}
			seen = got
		}
		return nil
	}
	s.together(len(tokens)*(readers+1), func(i int) error {
		if i < len(tokens) {
			return write(i)
		}
		return read(i % len(tokens))
	})
	for key := range tokens {
		s.holdsAt(at(key), tokens[key][versions-1])
	}
}

// version is the text of a token that shows whether it is whole.
type version struct{ key, n int }

func (v version) text() string {
	name := fmt.Sprintf("%d-%d", v.key, v.n)
	return name + strings.Repeat("-", 100) + name
}

func parseVersion(text string) (v version, ok bool) {
	_, err := fmt.Sscanf(text, "%d-%d-", &v.key, &v.n)
	return v, err == nil && text == v.text()
}
