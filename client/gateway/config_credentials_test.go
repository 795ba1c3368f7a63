package gateway_test

import (
	"testing"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/secret"
)

func TestCredentialsTellWhetherAnythingHasChanged(t *testing.T) {
	base := stubbed(t, answer(200, ""))
	name := open(t, base).Credentials()
	if again := open(t, base).Credentials(); again != name {
		t.Errorf("%s, then %s", name, again)
	}
	if form, found := leaktest.Find(name, base.Password.Reveal(), base.Key.Reveal()); found {
		t.Errorf("%s shows a secret as %s", name, form)
	}
	seen := map[string]string{name: "the first"}
	for what, change := range map[string]func(*gateway.Config){
		"password": func(c *gateway.Config) { c.Password = secret.New("another password") },
		"key":      func(c *gateway.Config) { c.Key = key(t, "b3RoZXI=") },
		"user":     func(c *gateway.Config) { c.User = "x" },
		"moved":    func(c *gateway.Config) { c.Password = secret.New(c.Password.Reveal() + "\x00") },
	} {
		cfg := base
		change(&cfg)
		other := open(t, cfg).Credentials()
		if taken := seen[other]; taken != "" {
			t.Errorf("another %s looks like %s", what, taken)
		}
		seen[other] = what
	}
}
