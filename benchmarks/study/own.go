package study

import "github.com/advoware-go/advoware/store"

// Own is a store of yours, which needs no Redis server of the study and is not closed: what else
// there can be is in [Store]. Open is called once in each process of a run, and again when a scenario
// starts a process anew.
func Own(name string, open func() store.Store) Store {
	s := Store{Name: name, Help: "a store of your own"}
	if open != nil {
		s.Open = func(Site) (store.Store, func() error, error) { return open(), nil, nil }
	}
	return s
}
