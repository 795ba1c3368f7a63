package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/advoware-go/advoware/store"
)

// Memcached is a store.Store for the processes that share a Memcached. What is there is
// replaced by its compare-and-set, so that of two writers one sees what the other one wrote. It
// is safe for concurrent use.
type Memcached struct{ client *memcache.Client }

// NewMemcached returns a store in the server at addr, host:port or the path of a socket. It sends
// nothing. Memcached has neither passwords, as a rule, nor TLS in this client: whoever reaches
// the server reads the tokens, so it should listen on this machine only.
func NewMemcached(addr string) *Memcached {
	c := memcache.New(addr)
	c.Timeout = 200 * time.Millisecond // a call waits for a far store for 250 ms in total
	c.MaxIdleConns = 8
	return &Memcached{c}
}

// Close closes the connections.
func (m *Memcached) Close() error { return m.client.Close() }

// content is what Memcached keeps.
type content struct {
	Token    string    `json:"token"`
	IssuedAt time.Time `json:"issued_at"`
	Expiry   time.Time `json:"expiry"`
}

// Get implements store.Store.
func (m *Memcached) Get(ctx context.Context, key string) (store.Token, error) {
	tok, _, err := m.get(ctx, key)
	return tok, err
}

// get returns the item too, with what the next write is compared by; nil if there is none.
func (m *Memcached) get(ctx context.Context, key string) (store.Token, *memcache.Item, error) {
	item, err := within(ctx, func() (*memcache.Item, error) { return m.client.Get(nameOf(key)) })
	if errors.Is(err, memcache.ErrCacheMiss) {
		return store.Token{}, nil, store.ErrNotFound
	}
	if err != nil {
		return store.Token{}, nil, err // it could not tell: no token is requested then, unless it is a far store
	}
	var c content
	if err := json.Unmarshal(item.Value, &c); err != nil {
		return store.Token{}, item, fmt.Errorf("%w: %w: not JSON", store.ErrNotFound, store.ErrUnusable) // the next write mends it
	}
	tok, err := store.NewToken(c.Token, c.IssuedAt, c.Expiry)
	if err != nil {
		return store.Token{}, item, fmt.Errorf("%w: %w", store.ErrNotFound, err)
	}
	if !tok.ValidAt(time.Now()) {
		return store.Token{}, item, store.ErrNotFound
	}
	return tok, item, nil
}

// maxRounds is how often others may be faster, which is seldom more than once.
const maxRounds = 100

// CompareAndSwap implements store.Store.
func (m *Memcached) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	text, err := json.Marshal(content{tok.Reveal(), tok.IssuedAt(), tok.Expiry()})
	if err != nil {
		return store.Token{}, err
	}
	left := store.Remaining(time.Now(), tok.Expiry())
	seconds := int32(left/time.Second) + 1 // Memcached counts whole ones; the expiry is in the text
	for range maxRounds {
		there, item, err := m.get(ctx, key)
		switch {
		case err == nil && !there.Equal(old):
			return there, nil
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return store.Token{}, err
		}
		err = m.replace(ctx, key, item, text, seconds)
		if err == nil {
			return tok, nil
		}
		if !isOvertaken(err) {
			return store.Token{}, err
		}
	}
	return store.Token{}, errOvertaken
}

// CompareAndDelete implements store.Store. Memcached's own delete compares nothing: instead what
// is there is replaced by what has ended already.
func (m *Memcached) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	for range maxRounds {
		there, item, err := m.get(ctx, key)
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && !there.Equal(old):
			return nil
		case err != nil:
			return err
		}
		err = m.replace(ctx, key, item, nil, -1)
		if err == nil || !isOvertaken(err) {
			return err
		}
	}
	return errOvertaken
}

// replace writes text in place of an item, or where there is none.
func (m *Memcached) replace(ctx context.Context, key string, item *memcache.Item, text []byte, seconds int32) error {
	next := &memcache.Item{Key: nameOf(key), Value: text, Expiration: seconds}
	write := m.client.Add
	if item != nil {
		next.CasID, write = item.CasID, m.client.CompareAndSwap
	}
	_, err := within(ctx, func() (struct{}, error) { return struct{}{}, write(next) })
	return err
}

var errOvertaken = errors.New("memcached: others were faster each time")

// isOvertaken reports whether somebody else has written, or what was there has ended.
func isOvertaken(err error) bool {
	return errors.Is(err, memcache.ErrCASConflict) || errors.Is(err, memcache.ErrNotStored) || errors.Is(err, memcache.ErrCacheMiss)
}

// within waits for f as long as ctx allows: the client knows no contexts. Its own timeout ends f.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	done := make(chan answer, 1)
	go func() {
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// nameOf is the name of a key there, whatever characters are in that.
func nameOf(key string) string {
	hash := sha256.Sum256([]byte(key))
	return "advoware:" + hex.EncodeToString(hash[:16])
}
