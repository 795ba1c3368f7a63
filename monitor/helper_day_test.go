package monitor_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

// day lets a day pass for three offices, from five in the afternoon in Berlin on, and returns
// what watched them. It is for a synctest bubble.
func day(t testing.TB) *monitor.Monitor {
	time.Sleep(16 * time.Hour)
	opts := clienttest.Options{InMemory: true, TokenLatency: 1300 * time.Millisecond}
	busy := newKanzlei(t, "Sommer & Partner", true, opts)
	off := newKanzlei(t, "Notariat Brandt", true, opts)
	idle := newKanzlei(t, "Rechtsanwälte Vogt", false, opts)
	m := newMonitor(t, monitor.Config{Version: "v1.4.0"}, busy, off, idle)
	busy.more, off.more = 12, 6
	random := rand.New(rand.NewPCG(1, 2))
	begin, slot := time.Now(), 0
	then := func(hour float64, do func()) {
		if slot == int(hour*12) {
			do()
		}
	}
	fail := func(k *kanzlei, f clienttest.Fault) func() {
		f.Times = -1
		return func() {
			k.fake.Inject(f)
			k.fake.RevokeAll()
			_ = k.call(0)
		}
	}
	for ; slot < 24*12; slot++ {
		hour := float64(slot) / 12
		work := 11 - int((hour-19.5)*(hour-19.5)/2) + random.IntN(3)
		for range max(work, 1) {
			_ = busy.call(time.Duration(random.ExpFloat64()*60+25) * time.Millisecond)
		}
		if hour > 15 && hour < 23.9 {
			_ = off.call(time.Duration(random.ExpFloat64()*30+20) * time.Millisecond)
		}
		if hour > 16 && hour < 17 {
			_ = idle.call(40 * time.Millisecond)
		}
		then(6, func() { busy.far.down.Store(true); busy.fake.RevokeAll(); _ = busy.call(0) })
		then(6.75, func() { busy.far.down.Store(false) })
		then(20.5, func() { busy.fake.RevokeAll(); _ = busy.call(0) })
		then(17.5, fail(busy, clienttest.Fault{Status: 503}))
		then(18.25, busy.fake.ClearFaults)
		then(17, fail(off, clienttest.Fault{Refusal: clienttest.NotEnabled}))
		then(17.5, off.fake.ClearFaults)
		then(22.5, fail(off, clienttest.Fault{Refusal: clienttest.NotConnected}))
		time.Sleep(5*time.Minute - time.Since(begin)%(5*time.Minute))
	}
	_ = off.call(0)
	return m
}
