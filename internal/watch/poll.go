package watch

import (
	"errors"
	"hash/maphash"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
)

// maxValue is how much of a value is compared.
const maxValue = 16 << 10

// polled is the state of polling a server.
type polled struct {
	pending <-chan bounded.Result[[]*goredis.StringCmd] // a read that the client has not returned from
	failed  bool                                        // the last poll did
	next    time.Time                                   // when the next one is due
	get     bool                                        // by GET, as GETRANGE is not permitted
}

// pollFor polls for a time, or until there is a reason to ask the server again whether
// it can push: it is back after an outage, or there are fewer names.
func (l *link) pollFor(d time.Duration, why refusal) {
	if d <= 0 {
		return
	}
	over, next := time.NewTimer(d), time.NewTimer(time.Until(l.polled.next))
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
		l.polled.next = time.Now().Add(pause)
		next.Reset(pause)
	}
}

// pollOnce reads the values of all names and notifies the followers of those that
// changed. It reports whether it is the first poll that worked after one that failed.
func (l *link) pollOnce(names []string) (recovered bool) {
	cmds := l.read(names)
	if denied(cmds) { // of two commands that do, one may be permitted
		l.polled.get = !l.polled.get
		cmds = l.read(names)
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
		if cmds == nil || !conclusive(cmds[i]) {
			e.synced, failed = false, true
			continue
		}
		digest := w.digest(cmds[i])
		if !e.synced || e.digest != digest {
			w.notify(e, !e.synced)
		}
		e.synced, e.digest = true, digest
	}
	recovered = l.polled.failed && !failed
	l.polled.failed = failed
	return recovered
}

// notSent is in a command before it is sent: a hook of the client may return an error, and leave
// commands as they were.
const notSent = "\x00not sent"

// conclusive reports whether a read says that there is a value, none, or one of another
// type.
func conclusive(cmd *goredis.StringCmd) bool {
	err := cmd.Err()
	return err == nil && cmd.Val() != notSent || errors.Is(err, goredis.Nil) || goredis.HasErrorPrefix(err, "WRONGTYPE")
}

// denied reports whether no command was permitted.
func denied(cmds []*goredis.StringCmd) bool {
	return len(cmds) > 0 && !slices.ContainsFunc(cmds, func(cmd *goredis.StringCmd) bool {
		return !goredis.HasErrorPrefix(cmd.Err(), "NOPERM")
	})
}

// read reads all values in one pipeline. It returns nil if there was no answer. While a
// read hangs in the client, no other one is started.
func (l *link) read(names []string) []*goredis.StringCmd {
	ctx, cancel := withTimeout(l.life, l.w.cfg.Timeout)
	defer cancel()
	if l.polled.pending != nil {
		select {
		case <-l.polled.pending:
			l.polled.pending = nil
		default:
			return nil
		}
	}
	get := l.polled.get
	done := bounded.Go(func() ([]*goredis.StringCmd, error) {
		pipe, cmds := l.w.cfg.Client.Pipeline(), make([]*goredis.StringCmd, len(names))
		for i, name := range names {
			// GETRANGE keeps a huge value on the server.
			if get {
				cmds[i] = pipe.Get(ctx, name)
			} else {
				cmds[i] = pipe.GetRange(ctx, name, 0, maxValue)
			}
			cmds[i].SetVal(notSent)
		}
		_, _ = pipe.Exec(ctx) // each command has its own error
		return cmds, nil
	})
	select {
	case r := <-done:
		return r.Value
	case <-ctx.Done():
		l.polled.pending = done
		return nil
	}
}

// digest returns a hash of a value. All values that are not strings have the same one.
func (w *Watch) digest(cmd *goredis.StringCmd) uint64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	if cmd.Err() == nil || errors.Is(cmd.Err(), goredis.Nil) {
		_, _ = h.WriteString("=" + cmd.Val())
	}
	return h.Sum64()
}
