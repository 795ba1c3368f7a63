package settings_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/settings"
)

// A Config that leaves the URLs out has the vendor's, which the proxy is used for.
func TestProxyOfTheDefaults(t *testing.T) {
	t.Setenv("HTTPS_PROXY", " http://127.0.0.1:1 ") // with spaces net/http's own cache does not answer
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	found := check.Check{}
	settings.Look(advoware.Config{}, nil, func() error { return nil }, func(c check.Check) {
		if c.Name == "proxy" {
			found = c
		}
	})
	if found.Status != check.Warning || found.Hint == "" {
		t.Errorf("%+v", found)
	}
}
