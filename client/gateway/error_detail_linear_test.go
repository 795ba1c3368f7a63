package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
)

// Whatever a gateway writes, to look for secrets there costs time in proportion to its
// length, and a long password is no reason to show nothing.
func TestScrubbingIsLinear(t *testing.T) {
	for _, password := range []string{"swordfish", strings.Repeat("a", 4<<10) + "b", strings.Repeat("%25", 2<<10)} {
		for _, unit := range []string{`\`, `\u`, "%25", "&", "&amp;", "&#", password[:len(password)-1], "?"} {
			cfg := stubbed(t, answer(401, strings.Repeat(unit, 1<<20/len(unit))))
			cfg.Password = secret.New(password)
			began := time.Now()
			failed(t, open(t, cfg), gateway.Refused)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%.5s…, much of %.5q: %v", password, unit, took)
			}
		}
		cfg := stubbed(t, answer(401, "Kennwort "+password+" falsch"))
		cfg.Password = secret.New(password)
		if e := failed(t, open(t, cfg), gateway.Refused); e.Detail != "Kennwort [redacted] falsch" {
			t.Errorf("%.5s…: %.100q", password, e.Detail)
		}
	}

	// One that is longer than what is looked at is not shown in part.
	cfg := stubbed(t, answer(401, "Kennwort "+strings.Repeat("xyz-", 4<<10)+" falsch"))
	cfg.Password = secret.New(strings.Repeat("xyz-", 4<<10))
	if e := failed(t, open(t, cfg), gateway.Refused); strings.Contains(e.Detail, "xyz") {
		t.Errorf("%.100q", e.Detail)
	}
}
