package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// injections are the faults, or the observers, that were made here, each with a number.
type injections struct {
	mu   sync.Mutex
	last int
	all  []*injection
}

type injection struct {
	id      int
	handle  *clienttest.Injected
	times   int             // how many requests it strikes in all, negative for no end
	given   json.RawMessage // the request that made it
	removed bool            // under injections.mu
}

// injected is an injection as it is shown.
type injected struct {
	ID     int             `json:"id"`
	Hits   int             `json:"hits"`
	Active bool            `json:"active"`
	Given  json.RawMessage `json:"given"`
}

func (i *injection) shown() injected {
	hits := i.handle.Hits()
	return injected{i.id, hits, !i.removed && (i.times < 0 || hits < i.times), i.given}
}

// add takes what was injected, and forgets the oldest that can strike no more if there are
// too many.
func (n *injections) add(i *injection, inject func() *clienttest.Injected) (injected, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) >= maxListed {
		for at, old := range n.all {
			if !old.shown().Active {
				n.all = append(n.all[:at:at], n.all[at+1:]...)
				break
			}
		}
	}
	if len(n.all) >= maxListed {
		return injected{}, strict.Refusef(http.StatusConflict, "there are %d already: DELETE some", maxListed)
	}
	n.last++
	i.id, i.handle = n.last, inject()
	n.all = append(n.all, i)
	return i.shown(), nil
}

func (n *injections) list(w http.ResponseWriter, r *http.Request) error {
	n.mu.Lock()
	all := make([]injected, len(n.all))
	for at, i := range n.all {
		all[at] = i.shown()
	}
	n.mu.Unlock()
	reply(w, http.StatusOK, all)
	return nil
}

// find returns the one that the path names.
func (n *injections) find(r *http.Request) (*injection, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range n.all {
		if err == nil && i.id == id {
			return i, nil
		}
	}
	return nil, strict.Refusef(http.StatusNotFound, "there is none with the id %s", strict.Cut(r.PathValue("id")))
}

func (n *injections) show(w http.ResponseWriter, r *http.Request) error {
	i, err := n.find(r)
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, n.shown(i))
	return nil
}

func (n *injections) shown(i *injection) injected {
	n.mu.Lock()
	defer n.mu.Unlock()
	return i.shown()
}

// remove removes one. It stays in the list, with its hits.
func (n *injections) remove(w http.ResponseWriter, r *http.Request) error {
	i, err := n.find(r)
	if err = cmp.Or(err, strict.Only(w, r, nil)); err != nil {
		return err
	}
	n.drop(i)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (n *injections) drop(all ...*injection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range all {
		i.handle.Remove()
		i.removed = true
	}
}

// clear removes all, from the list too.
func (s *Server) clear(n *injections) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := strict.Only(w, r, nil); err != nil {
			return err
		}
		n.mu.Lock()
		all := n.all
		n.all = nil
		n.mu.Unlock()
		n.drop(all...)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

const maxWait = 60 // seconds

// wait waits until one has had so many hits.
func (s *Server) wait(n *injections) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		i, err := n.find(r)
		hits, timeout := 1, 10
		if err = cmp.Or(err, strict.Query(r, strict.Members{"hits": &hits, "timeout": &timeout})); err != nil {
			return err
		}
		if timeout > maxWait {
			return errors.New("timeout must be at most " + strconv.Itoa(maxWait) + " seconds")
		}
		done, err := s.enter(w)
		if err != nil {
			return err
		}
		defer done()
		ctx, cancel := context.WithTimeout(r.Context(), time.Duration(timeout)*time.Second)
		defer cancel()
		err = i.handle.Wait(ctx, hits)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendTime))
		if err != nil {
			return strict.Refusef(http.StatusConflict, "hits: %s", strings.TrimPrefix(err.Error(), "clienttest: requests struck: "))
		}
		reply(w, http.StatusOK, n.shown(i))
		return nil
	}
}

// enter is called by a request that takes long, with no more deadlines from now on. There
// are not many at a time.
func (s *Server) enter(w http.ResponseWriter) (done func(), err error) {
	select {
	case s.waits <- struct{}{}:
	default:
		return nil, strict.Refusef(http.StatusTooManyRequests, "%d requests wait already", maxWaits)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{})
	_ = c.SetWriteDeadline(time.Time{})
	return func() { <-s.waits }, nil
}
