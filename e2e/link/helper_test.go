package link_test

import (
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What these tests have in common with other families.
const unhurried = e2etest.Unhurried

var (
	newFake       = clienttest.Start
	config        = e2etest.Config
	open          = e2etest.Open
	mustCall      = e2etest.MustCall
	required      = e2etest.Required
	read          = e2etest.Read
	sharing       = e2etest.Sharing
	reaching      = e2etest.Reaching
	wantShared    = e2etest.WantShared
	wantUnreached = e2etest.WantUnreached
	awaitSlots    = e2etest.AwaitSlots
	waitUntil     = e2etest.WaitUntil
)

type records = e2etest.Records
