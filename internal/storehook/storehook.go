// Package storehook lets the doctor, and tests, look into an advoware.Stores.
//
// Methods of Stores would have to be explained to everybody, and would show what may change.
// Package advoware sets [Of] when it is linked.
package storehook

import (
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/sealed"
)

// Stores are what a process has.
type Stores struct {
	// All is the store that clients use.
	All store.Store
	// Near are the tokens of this process; nil if each call asks Redis, or the store is one
	// of the caller's.
	Near store.Store
	// Slots tells that hits load the token from its slot in Near, and call no Get.
	Slots bool
	// Pending returns how many writes Redis has not taken yet; nil: there can be none.
	Pending func() int
	// Redis is how it is reached; nil: none is used, or the store is one of the caller's.
	Redis *dial.Config
	// Lifetime, Margins and SealKeys are those of the stores, which count for each client that
	// uses them, whatever its own configuration leaves out.
	Lifetime time.Duration
	Margins  store.Margins
	SealKeys []sealed.Key
}

// Of returns what is in an *advoware.Stores, and nothing for anything else.
var Of func(stores any) Stores
