package outage_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// moments are when a fault strikes. Each makes calls that must not notice it, ends it,
// and sees to it that Redis has the token again without anybody's help.
var moments = []struct {
	name string
	run  func(*testing.T, *outageRig)
}{
	{"at start", outageAtStart},
	{"in the middle", outageInTheMiddle},
	{"during a lease", outageDuringALease},
	{"during a renewal", outageDuringARenewal},
	{"until the end", outageUntilTheEnd},
}

// TestOutages is the matrix: each fault, at each moment, with a client of ours and with
// one that is passed in as go-redis makes it: it is patient, and tries again.
func TestOutages(t *testing.T) {
	t.Parallel()
	var cells sync.WaitGroup
	running := make(chan struct{}, 16*runtime.GOMAXPROCS(0)) // they mostly wait, and more servers would not help
	for _, fault := range redisFaults {
		for _, moment := range moments {
			for _, client := range []redisClient{ourClient, poorClient} {
				name := fault.name + "/" + moment.name + "/" + client.name
				cells.Go(func() {
					running <- struct{}{}
					defer func() { <-running }()
					t.Run(name, func(t *testing.T) {
						r := newOutageRig(t, fault, client)
						r.leavesNothing(t, func() { moment.run(t, r) })
					})
				})
			}
		}
	}
	cells.Wait()
}

// outageAtStart: one token request, and the token is kept for later.
func outageAtStart(t *testing.T, r *outageRig) {
	r.begin(t)
	d := r.door(t, 0)
	defer d.close(t)
	first := d.lookup(t)
	d.serve(t)
	r.requests(t, 1, 1)
	outageUntil(t, "it is noticed", func() bool { return d.Stats().StoreErrors > 0 })
	r.end(t)
	r.recovered(t, []*outageDoor{d}, first)
	d.serve(t)
	r.requests(t, 1, 1)
}

// outageInTheMiddle: with a valid token near nobody waits for Redis.
func outageInTheMiddle(t *testing.T, r *outageRig) {
	d := r.door(t, 0)
	defer d.close(t)
	first := d.lookup(t)
	r.recovered(t, []*outageDoor{d}, first)
	defer d.flow(t)()

	r.begin(t)
	d.serve(t)
	r.requests(t, 1, 1)
	r.end(t)
	r.recovered(t, []*outageDoor{d}, first)
	r.requests(t, 1, 1)
}

// outageDuringALease: one process fetches, another waits for it, and neither can ask
// Redis how it goes. Both get a token, and in the end all have the same.
func outageDuringALease(t *testing.T, r *outageRig) {
	holder, waiter := r.door(t, 0), r.door(t, 1)
	defer holder.close(t)
	defer waiter.close(t)
	holder.gate.shut()
	theirs := later(func() token.Found { return holder.lookup(t) })
	outageAwait(t, "the holder fetches", holder.gate.arrived)
	others := later(func() token.Found { return waiter.lookup(t) })
	outageUntil(t, "the waiter has asked who is fetching", func() bool {
		asked := r.proxies[1].Stats().Commands
		return asked["EVALSHA"]+asked["EVAL"] > 0
	})

	r.begin(t)
	holder.gate.open()
	first := outageAwait(t, "the holder has a token", theirs)
	second := outageAwait(t, "the waiter has a token", others)
	holder.serve(t)
	waiter.serve(t)
	r.requests(t, 1, 2)
	r.end(t)
	r.recovered(t, []*outageDoor{holder, waiter}, first, second)
	r.requests(t, 1, 2)
}

// outageDuringARenewal: the old token serves until the new one is there, which is used
// although it cannot be stored; and so is one that is asked for in the outage.
func outageDuringARenewal(t *testing.T, r *outageRig) {
	d := r.door(t, 0)
	defer d.close(t)
	first := d.lookup(t)
	r.recovered(t, []*outageDoor{d}, first)
	defer d.flow(t)()
	// Another program's token, with so little left that its renewal is overdue.
	d.gate.shut()
	old := r.fake.Issue()
	r.do(t, "SET", outageKey, old, "EX", "150")
	outageAwait(t, "the renewal fetches", d.gate.arrived)

	r.begin(t)
	if text := d.near(t).Token.Reveal(); text != old {
		t.Error("what is renewed is not the token that another program put there")
	}
	d.serve(t)
	d.gate.open()
	outageUntil(t, "the new token is used", func() bool { return d.near(t).Token.Reveal() != old })
	d.serve(t)
	r.requests(t, 2, 2)
	next, err := d.Source().Refresh(t.Context())
	if err != nil {
		t.Errorf("Refresh: %v", err)
	}
	checkFarWait(t, next)
	d.serve(t)
	r.requests(t, 3, 3)
	r.end(t)
	r.recovered(t, []*outageDoor{d}, next)
	r.requests(t, 3, 3)
}

// outageUntilTheEnd: a client is closed while Redis is away.
func outageUntilTheEnd(t *testing.T, r *outageRig) {
	d := r.door(t, 0)
	d.lookup(t)
	r.begin(t)
	if _, err := d.Source().Refresh(t.Context()); err != nil {
		t.Errorf("Refresh: %v", err)
	}
	d.serve(t)
	d.close(t)
	if _, err := d.Source().Token(t.Context(), time.Minute); err == nil {
		t.Error("a closed client has a token")
	}
	r.end(t)
}

// later runs f on a goroutine of its own.
func later[T any](f func() T) <-chan T {
	c := make(chan T, 1)
	go func() { c <- f() }()
	return c
}
