package advoware_test

import (
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What these tests have in common with those of whole systems, in e2e.
const (
	apiKey   = e2etest.APIKey
	password = e2etest.Password
)

var (
	newFake   = clienttest.Start
	config    = e2etest.Config
	sharing   = e2etest.Sharing
	inBubble  = e2etest.InBubble
	open      = e2etest.Open
	mustCall  = e2etest.MustCall
	wantAsked = e2etest.WantRequests
	sandboxed = e2etest.Sandboxed
	kanzlei   = e2etest.Kanzlei
	sealKey   = e2etest.SealKey
	required  = e2etest.Required
	read      = e2etest.Read
)
