package fleet_test

import (
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What these tests have in common with other families.
var (
	newFake   = clienttest.Start
	open      = e2etest.Open
	mustCall  = e2etest.MustCall
	sandboxed = e2etest.Sandboxed
	sealKey   = e2etest.SealKey
	sharing   = e2etest.Sharing
)

// late returns how often these waited for Redis in vain: on a machine that is much too busy a
// call goes on without it after 250 ms, and may make a token request of its own.
func late(clients ...*client.Client) (n int) {
	for _, c := range clients {
		n += int(c.Stats().StoreErrors)
	}
	return n
}
