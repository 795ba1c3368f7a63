package redis_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// What is in Redis is read by other releases, before and after this one: a line is as long
// as it ever was, and what is new in it is a part of the message to those who do not know it.
func TestReasonStandsBeforeTheMessage(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for want, f := range map[string]lease.Failure{
		"gateway: no":                            {Refused: true, Message: "gateway: no"},
		"\\(not-enabled\\) gateway: no":          {Refused: true, Reason: "not-enabled", Message: "gateway: no"},
		"\\(outage: not-connected\\) gateway: x": {Shared: true, Reason: "not-connected", Message: "gateway: x"},
		"\\(outage: not-connected\\) x{485}…":    {Shared: true, Reason: "not-connected", Message: strings.Repeat("x", 600)},
	} {
		srv.Do("FLUSHALL")
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		f.Pause = time.Minute
		p.ask(t, lease.Ask{}).Release(&f)
		_ = p.Close()
		line := regexp.MustCompile("^" + digestOf("pass-1") + ` \d+ 60000 ` + want + "\n$")
		if value := fmt.Sprint(srv.Do("GET", refusedKey)); !line.MatchString(value) {
			t.Errorf("%q is there, want %s", value, line)
		}
		wantTTLs(t, srv)
	}
}

func TestReasonOfAnotherRelease(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	for message, want := range map[string]lease.Failure{
		"gateway: no":                          {Refused: true, Message: "gateway: no"},
		"(of-a-later-one) gateway: no":         {Refused: true, Reason: "of-a-later-one", Message: "gateway: no"},
		"(outage: of-a-later-one) gateway: no": {Shared: true, Reason: "of-a-later-one", Message: "gateway: no"},
		"(later=2) gateway: no":                {Refused: true, Message: "(later=2) gateway: no"},
		"(" + strings.Repeat("a", 600):         {Refused: true, Message: "(" + strings.Repeat("a", 511)},
	} {
		srv.Do("SET", refusedKey, refusal("pass-1", fmt.Sprint(time.Now().UnixMilli()), "60000", message), "EX", "60")
		got := p.ask(t, lease.Ask{}).Failure
		if got == nil {
			t.Fatalf("%.60s: nothing is said", message)
		}
		if want.Pause = got.Pause; *got != want || got.Pause > time.Minute {
			t.Errorf("%.60s: got %+v, want %+v", message, *got, want)
		}
	}
}
