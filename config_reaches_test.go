package advoware_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// Timeout bounds each call.
func TestTimeoutOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.Timeout = 3 * time.Second
		c := open(t, cfg)
		mustCall(t, c)
		fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
		began := time.Now()
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
		if took := time.Since(began); err == nil || took != cfg.Timeout {
			t.Errorf("%v after %v, want the end of %v", err, took, cfg.Timeout)
		}
	})
}

// The name of the key in Redis is shown everywhere. It is neither of the secrets.
func TestTokenKeyIsNoSecret(t *testing.T) {
	const text = "c2Vj"
	key, err := signer.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*advoware.Config){
		"the password": func(c *advoware.Config) { c.Password = secret.New(text) },
		"the API key":  func(c *advoware.Config) { c.Key = key },
	} {
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.TokenKey = text
		change(&cfg)
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenKey") || strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Settings of TLS are void for plain http, unless the API is wherever discovery finds it.
func TestAPITLSOfADiscoveredOffice(t *testing.T) {
	for mode, void := range map[advoware.Discovery]bool{advoware.DiscoveryOn: false, advoware.DiscoveryOff: true} {
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.Transport, cfg.Discovery, cfg.AllowInsecure = nil, mode, true
		cfg.BaseURL, cfg.APITLS.ServerName = "http://office.example/", "office.example"
		c, err := advoware.New(cfg)
		if err == nil {
			_ = c.Close()
		}
		if got := err != nil && strings.Contains(err.Error(), "APITLS"); got != void {
			t.Errorf("%s: %v", mode, err)
		}
		vars := required()
		vars["ADVOWARE_ALLOW_INSECURE"], vars["ADVOWARE_DISCOVERY"] = "true", string(mode)
		vars["ADVOWARE_API_BASE_URL"], vars["ADVOWARE_API_TLS_SERVER_NAME"] = cfg.BaseURL, cfg.APITLS.ServerName
		_, err = read(vars, advoware.StoreMemory)
		if got := err != nil && strings.Contains(err.Error(), "ADVOWARE_API_TLS_SERVER_NAME"); got != void {
			t.Errorf("%s, by variables: %v", mode, err)
		}
	}
}
