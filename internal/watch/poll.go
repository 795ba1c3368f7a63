package watch

import (
	"errors"
	"hash/maphash"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
)

// longest is how much of a value is looked at.
const longest = 16 << 10

// poll is how the polling of a server stands.
type poll struct {
	hung   <-chan bounded.Result[[]*goredis.StringCmd] // a look that the client has not come back from
	failed bool                                        // the last look did
	next   time.Time                                   // when the next one is due
	get    bool                                        // by GET, as GETRANGE is not permitted
}

// look polls for a time, or until there is a reason to ask the server again whether
// it can push: it is back after it was away, or there are fewer names.
func (l *link) look(d time.Duration, why refusal) {
	if d <= 0 {
		return
	}
	over, next := time.NewTimer(d), time.NewTimer(time.Until(l.poll.next))
	defer over.Stop()
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-over.C:
			return
		case <-l.life.Done():
			return
		}
		names := l.followed()
		if len(names) > 0 && l.pollOnce(names) {
			return
		}
		if _, fits := prefixes(names, maxPrefixes/2); fits && why == errTooMany {
			return
		}
		pause := jitter(l.w.cfg.Poll)
		l.poll.next = time.Now().Add(pause)
		next.Reset(pause)
	}
}

// pollOnce looks at the values of all names. It reports whether it is the first look
// that worked again.
func (l *link) pollOnce(names []string) (recovered bool) {
	cmds := l.values(names)
	if denied(cmds) { // of two commands that do, one may be permitted
		l.poll.get = !l.poll.get
		cmds = l.values(names)
	}
	w := l.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Polls++
	failed := false
	for i, name := range names {
		e := w.names[name]
		if r := w.routes[w.tag(name)]; e == nil || r == nil || r.link != l {
			continue
		}
		if cmds == nil || !seen(cmds[i].Err()) {
			e.known, failed = false, true
			continue
		}
		digest := w.digest(cmds[i])
		if !e.known || e.digest != digest {
			w.tell(e, !e.known)
		}
		e.known, e.digest = true, digest
	}
	recovered = l.poll.failed && !failed
	l.poll.failed = failed
	return recovered
}

// seen reports whether a look found out something: that there is a value, none, or one of
// another type.
func seen(err error) bool {
	return err == nil || errors.Is(err, goredis.Nil) || goredis.HasErrorPrefix(err, "WRONGTYPE")
}

// denied reports whether no command was permitted.
func denied(cmds []*goredis.StringCmd) bool {
	return len(cmds) > 0 && !slices.ContainsFunc(cmds, func(cmd *goredis.StringCmd) bool {
		return cmd.Err() == nil || !goredis.HasErrorPrefix(cmd.Err(), "NOPERM")
	})
}

// values asks for all values at once. It returns nil if there was no answer. A client
// that hangs is not asked again before it has come back.
func (l *link) values(names []string) []*goredis.StringCmd {
	ctx, cancel := patience(l.life, l.w.cfg.Timeout)
	defer cancel()
	if l.poll.hung != nil {
		select {
		case <-l.poll.hung:
			l.poll.hung = nil
		default:
			return nil
		}
	}
	get := l.poll.get
	done := bounded.Go(func() ([]*goredis.StringCmd, error) {
		pipe, cmds := l.w.cfg.Client.Pipeline(), make([]*goredis.StringCmd, len(names))
		for i, name := range names {
			// GETRANGE keeps a huge value on the server.
			if get {
				cmds[i] = pipe.Get(ctx, name)
			} else {
				cmds[i] = pipe.GetRange(ctx, name, 0, longest)
			}
		}
		_, _ = pipe.Exec(ctx) // each command has its own error
		return cmds, nil
	})
	select {
	case r := <-done:
		return r.Value
	case <-ctx.Done():
		l.poll.hung = done
		return nil
	}
}

// digest stands for a value. Of what is not a string it only tells that it is there.
func (w *Watch) digest(cmd *goredis.StringCmd) uint64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	if cmd.Err() == nil || errors.Is(cmd.Err(), goredis.Nil) {
		_, _ = h.WriteString("=" + cmd.Val())
	}
	return h.Sum64()
}
