//go:build !race

package canary_test

import (
	"net/http"

	"github.com/advoware-go/advoware/internal/e2etest"
)

var read = e2etest.Read

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
