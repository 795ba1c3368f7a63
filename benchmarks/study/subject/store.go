// Package subject makes what is studied: a client of the library, as the door
// advoware.New makes it, on top of a store that has a name.
//
// A [Store] is a name and how to open it. The library's own are [Stores]; a store of
// yours is one more value of the type, see the package study.
//
// A [Subject] is safe for concurrent use. See ARCHITECTURE.md for what is measured here.
package subject

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/store"
)

// Store is a kind of token store that can be studied.
type Store struct {
	// Name is what it is called on the command line and in the report: lower-case
	// letters, digits and hyphens. Required.
	Name string

	// Help says in one line what it is.
	Help string

	// Redis says that it needs a Redis server. One is then started for each run, and
	// Site.Redis is where; without a redis-server on PATH the runs are skipped.
	Redis bool

	// Open opens a store. Required. Close, if it is not nil, is called when the run is
	// over. A store is opened once in each process of a run, and again when a scenario
	// starts a process anew: what is to survive that must live outside the process.
	Open func(Site) (s store.Store, close func() error, err error)

	kind advoware.StoreKind // of the door's own; then there is no Open
}

// Site is where a store is opened.
type Site struct {
	Redis  string // host:port of the Redis server, "" unless Store.Redis is set
	Life   Life   // of the tokens; zero means the library's defaults
	Logger *slog.Logger
}

// Stores returns the library's own.
func Stores() []Store {
	return []Store{
		{Name: "memory", Help: "this process only: each process requests its own token", kind: advoware.StoreMemory},
		{Name: "redis", Help: "Redis only: shared between processes, asked at each call", Redis: true, kind: advoware.StoreRedis},
		{Name: "tiered", Help: "memory in front of Redis, the library's default", Redis: true, kind: advoware.StoreTiered},
	}
}

// Check reports everything that is wrong with s in one error.
func (s Store) Check() error {
	var problems []error
	if s.Name == "" || strings.Trim(s.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		problems = append(problems, fmt.Errorf("subject: a store is named %q: lower-case letters, digits and hyphens are allowed", s.Name))
	}
	if s.Open == nil && s.kind == "" {
		problems = append(problems, fmt.Errorf("subject: store %q has no Open", s.Name))
	}
	return errors.Join(problems...)
}
