package fleet_test

import (
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
