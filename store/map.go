package store

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Map is the reference implementation of [Store]: a map with a mutex, exact and
// unbounded. Use it in tests, and as the model that other stores are compared with. The
// zero value is ready to use.
type Map struct {
	mu     sync.Mutex
	tokens map[string]Token
}

// Get implements [Store].
func (m *Map) Get(ctx context.Context, key string) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if tok := m.usable(key); !tok.IsZero() {
		return tok, nil
	}
	return Token{}, ErrNotFound
}

// CompareAndSwap implements [Store].
func (m *Map) CompareAndSwap(ctx context.Context, key string, old, tok Token) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	if err := CheckStorable(tok); err != nil {
		return Token{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if there := m.usable(key); !there.IsZero() && !there.Equal(old) {
		return there, nil
	}
	if m.tokens == nil {
		m.tokens = make(map[string]Token)
	}
	m.tokens[key] = tok
	return tok, nil
}

// CompareAndDelete implements [Store].
func (m *Map) CompareAndDelete(ctx context.Context, key string, old Token) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.tokens[key]; ok && there.Equal(old) {
		delete(m.tokens, key)
	}
	return nil
}

// usable returns the token under key, and removes an expired one.
func (m *Map) usable(key string) Token {
	tok, ok := m.tokens[key]
	if ok && !tok.ValidAt(time.Now()) {
		delete(m.tokens, key)
		return Token{}
	}
	return tok
}

// CheckStorable returns an error that matches ErrUnusable for a token that no store may
// take: the zero Token, and an expired one. It is for implementations of CompareAndSwap.
func CheckStorable(tok Token) error {
	if tok.IsZero() {
		return fmt.Errorf("%w: no token given", ErrUnusable)
	}
	if !tok.ValidAt(time.Now()) {
		return fmt.Errorf("%w: expired", ErrUnusable)
	}
	return nil
}
