package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/faultproxy"
)

// mixedTrial lets several things go wrong, at a time and one after the other: the links of
// single processes, Redis, processes. Other programs write all the while.
func mixedTrial(t *testing.T) {
	r := newRound(trialWorld(t), 0)
	links := make(map[string]*faultproxy.Proxy) // by process
	join := func(flags ...string) {
		px, err := faultproxy.Start(r.redis.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = px.Close() })
		_, port, _ := net.SplitHostPort(px.Addr())
		f := r.joinBy(r.env("REDIS_PORT="+port), 1, flags...)
		links[f[0].name] = px
		r.f = append(r.f, f...)
	}
	join()
	join()
	join(refreshes...)
	var did []string
	for range 4 {
		one := r.f[rand.N(len(r.f))]
		what := ""
		switch rand.N(8) {
		case 0:
			what = "a process is killed"
			r.f, _ = r.f.without(one.name)
			one.kill()
			join()
		case 1:
			what = "a process is stopped"
			r.freeze(one, time.Second+rand.N(4*time.Second))
		case 2:
			what = "Redis stands still"
			over := r.outage("", what)
			r.redis.Stop()
			<-time.After(time.Second + rand.N(2*time.Second))
			r.redis.Cont()
			over()
		case 3:
			what = "Redis is killed"
			over := r.outage("", what)
			r.redis.Kill()
			<-time.After(rand.N(time.Second))
			r.redis.Restart()
			over()
		case 4:
			what = "all connections are killed"
			over := r.outage("", what)
			_ = r.foreign.Do(context.Background(), "CLIENT", "KILL", "TYPE", "normal").Err()
			over()
		default:
			faults := []faultproxy.Fault{{Refuse: true}, {Silent: true}, {Reset: true}, {Half: true}, {Delay: 400 * time.Millisecond}, {Answer: "-LOADING Redis is loading the dataset in memory"}}
			fault := faults[rand.N(len(faults))]
			what = fmt.Sprintf("the link of a process has the fault %+v", fault)
			over := r.outage(one.name, what)
			_ = links[one.name].Set(fault)
			r.busy(time.Second+rand.N(3*time.Second), r.sets, r.del, r.revoke)
			_ = links[one.name].Set(faultproxy.Fault{})
			over()
		}
		r.note(what)
		did = append(did, what)
		r.busy(rand.N(3*time.Second), r.sets, r.sets, r.del, r.revoke)
	}
	t.Log(strings.Join(did, "; "))
	<-time.After(11 * time.Second)
	r.busy(3*time.Second, r.sets)
	r.f.calls(20)
	r.end("several things")
}

// identitiesTrial has two identities that each have a key, and a process that uses the key of
// the other one by mistake. Nobody gets a token of another identity.
func identitiesTrial(t *testing.T) {
	w := trialWorld(t)
	if err := w.fake.AddIdentity(other); err != nil {
		t.Fatal(err)
	}
	r := newRound(w, 2, refreshes...)
	r.f = append(r.f, r.joinBy(w.env(asOther("ADVOWARE_TOKEN_KEY="+otherKey)...), 2, refreshes...)...)
	wrong := r.joinBy(w.env(asOther()...), 1)
	r.f.calls(100)
	if all := sum(wrong.ask()); all.Calls == 0 || all.Failed < all.Calls {
		t.Errorf("%d of %d operations with the key of another identity failed", all.Failed, all.Calls)
	}
	wrong[0].kill()
	r.end("two identities")
}
