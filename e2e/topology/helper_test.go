package topology_test

import (
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What these tests have in common with other families.
const (
	password  = e2etest.Password
	unhurried = e2etest.Unhurried
)

var (
	newFake       = clienttest.Start
	open          = e2etest.Open
	mustCall      = e2etest.MustCall
	reaching      = e2etest.Reaching
	wantShared    = e2etest.WantShared
	wantUnreached = e2etest.WantUnreached
	awaitSlots    = e2etest.AwaitSlots
	waitUntil     = e2etest.WaitUntil
)
