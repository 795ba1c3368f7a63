package outage_test

import (
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What these tests have in common with other families.
var (
	newFake  = clienttest.Start
	config   = e2etest.Config
	open     = e2etest.Open
	mustCall = e2etest.MustCall
	kanzlei  = e2etest.Kanzlei
)
