package monitor

import (
	"sync"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

// office is an Office, and what is known of it.
type office struct {
	Office

	mu     sync.Mutex
	asked  bool // for a token, by the Monitor, or by somebody else
	asking bool
}

// seen is an office at one instant.
type seen struct {
	*office
	status status.Client
	stats  client.Stats
	ready  readiness
}

// look looks at offices and records what there is to see.
func (m *Monitor) look(offices []*office) []seen {
	all := make([]seen, 0, len(offices))
	for _, o := range offices {
		all = append(all, o.look())
	}
	if len(offices) == len(m.offices) {
		m.tell(all)
	}
	return all
}

// lookForReady looks at offices until one is ready, and from there on only at those that were
// never asked for a token: a probe costs the same, however many there are.
func (m *Monitor) lookForReady() (all []seen) {
	ready := false
	for _, o := range m.offices {
		if ready && o.wasAsked() {
			continue
		}
		s := o.look()
		ready = ready || s.ready.Ready
		all = append(all, s)
	}
	m.tell(all)
	return all
}

func (o *office) wasAsked() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

func (o *office) look() seen {
	s := seen{office: o, status: o.Client.Status(), stats: o.Client.Stats()}
	o.History.record.Look(time.Now(), record.Seen{
		Status: s.status, Calls: s.stats.Calls, Lookups: s.stats.TokenHits + s.stats.TokenWaits, Waits: s.stats.TokenWaits,
	})
	s.ready = o.readiness(s.status)
	return s
}
