package storetest_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/storetest"
)

// countedStore is a store of somebody else: it counts how often a token is deleted.
type countedStore struct {
	store.Map
	deletes atomic.Int64
}

func (s *countedStore) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	s.deletes.Add(1)
	return s.Map.CompareAndDelete(ctx, key, old)
}

// TestCountedStore is the whole test of it. Each promise is a subtest.
func TestCountedStore(t *testing.T) {
	storetest.Run(t, storetest.Config{
		New: func(testing.TB) store.Store { return new(countedStore) },
		In:  synctest.Test, // waiting for an expiry takes no time
	})
}

func Example() {
	tokens := new(countedStore)
	err := tokens.CompareAndDelete(context.Background(), "kanzlei 1", store.Token{})
	fmt.Println(tokens.deletes.Load(), err)
	// Output: 1 <nil>
}
