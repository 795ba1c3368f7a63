package topology_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A token that lies in Redis is used at start, also where no lease can be had.
func TestTokenIsUsedWhereNoLeaseCanBeHad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server []string // arguments
		change []string // of the line of rights
		do     []string
		said   bool // at info level, that there is no lease
	}{
		"no scripting":        {change: []string{"+eval +evalsha ", ""}, said: true},
		"may not write":       {change: []string{"+set +del ", "", "+hset +pexpire ", ""}},
		"no EVALSHA":          {change: []string{"+evalsha ", ""}}, // EVAL does for it
		"scripts renamed":     {server: []string{"--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""}, said: true},
		"writes are paused":   {do: []string{"CLIENT", "PAUSE", "60000", "WRITE"}},
		"a read-only replica": {do: []string{"REPLICAOF", "127.0.0.1", "1"}},
		"full":                {do: []string{"CONFIG", "SET", "maxmemory", "1"}},
	} {
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				fake := newFake(t, clienttest.Options{})
				srv := redistest.Start(t, c.server...)
				if got := srv.Do(aclLine(t, c.change...)...); got != "OK" {
					t.Fatal(got)
				}
				srv.Do("SET", advoware.DefaultTokenKey, fake.Issue(), "EX", "3180")
				if c.do != nil {
					srv.Do(c.do...)
					defer srv.Do("CLIENT", "UNPAUSE")
				}
				cfg := reaching(t, fake, fmt.Sprintf("REDIS_URL=redis://advoware@%s", srv.Addr()), "REDIS_PASSWORD="+password, "ADVOWARE_TOKEN_KEY=")
				cfg.Store = kind
				for good, tries := 0, 0; good < 2; tries++ {
					log := new(e2etest.Records)
					cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
					before, began := fake.Counts().TokenRequests, time.Now()
					_, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
					// A process that got no answer in 250 ms, on a machine that is much too busy, goes on
					// without Redis, and warns, or fails if it has no other store. It says nothing of what is
					// asked here.
					late := time.Since(began) >= 200*time.Millisecond
					if late && tries < 8 && (err != nil || fake.Counts().TokenRequests > before || len(log.Lines("level=WARN")) > 0) {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					good++
					if n := fake.Counts().TokenRequests - before; n != 0 {
						t.Errorf("%d token requests", n)
					}
					if said := log.Lines("no lease"); len(said) > 1 || (len(said) > 0) != (c.said && kind == advoware.StoreTiered) { // the other looks before it asks
						t.Errorf("said %q of the lease, once for each process: %v", said, c.said)
					}
					if warned := log.Lines("level=WARN"); len(warned) > 0 {
						t.Errorf("warned %q", warned)
					}
				}
			})
		}
	}
}
