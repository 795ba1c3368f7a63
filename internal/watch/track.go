package watch

import (
	"log/slog"
	"slices"
)

// retrack makes the server push all that is followed, by as few commands as possible,
// and notifies the followers of what was not pushed before.
func (l *link) retrack(c *conn) error {
	tracked, missing := l.missing()
	more, ok := addable(tracked, missing)
	if !ok {
		if more, ok = prefixes(l.followed(), maxPrefixes); !ok {
			return errTooMany
		}
		// There is no taking back a single prefix.
		l.setTracked(nil)
		if err := l.exchange(c.untrack); err != nil {
			return err
		}
		tracked = nil
	}
	if len(more) > 0 { // without one, all keys would be tracked
		if err := l.exchange(c.track(more)); err != nil {
			return err
		}
		tracked = slices.Concat(tracked, more)
	}
	first := tracked != nil && !l.tracking
	l.setTracked(tracked)
	if first {
		l.w.log(slog.LevelDebug, "Redis pushes changes", "server", l.addr)
	}
	return nil
}

// missing returns what the server pushes, and the followed names that it does not.
func (l *link) missing() (tracked, names []string) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.each(func(name string, _ *watched) {
		if !covered(l.tracked, name) {
			names = append(names, name)
		}
	})
	return l.tracked, names
}

// setTracked records what the server pushes from now on, and notifies the followers of
// what it did not push before.
func (l *link) setTracked(prefixes []string) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	fresh := l.tracked == nil
	l.tracked = prefixes
	if prefixes != nil && !l.tracking {
		l.tracking, l.unanswered = true, 0
		l.w.stats.Links++
		delete(l.w.refused, l.addr)
	} else if prefixes != nil && fresh {
		l.w.missed++
	}
	l.each(func(name string, e *watched) {
		if covered(prefixes, name) && (fresh || !e.synced) {
			e.synced = true
			l.w.notify(e, true)
		}
	})
}

// lost records that the connection is lost.
func (l *link) lost() {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.tracked = nil
	if l.tracking { // what is synced by polling stays so
		l.each(func(_ string, e *watched) { e.synced = false })
	}
}

// pushed takes the name of a key that was changed, or nil for all keys.
func (l *link) pushed(key []byte) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if key == nil {
		l.w.stats.Pushes++
		l.w.missed++
		l.each(func(_ string, e *watched) { l.w.notify(e, true) })
	} else if e := l.w.names[string(key)]; e != nil {
		l.w.stats.Pushes++
		l.w.notify(e, false)
	}
}

// followed returns the names of this link.
func (l *link) followed() []string {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	var names []string
	l.each(func(name string, _ *watched) { names = append(names, name) })
	return names
}

// each calls f for the names of this link. The caller has Watch.mu.
func (l *link) each(f func(name string, e *watched)) {
	for name, e := range l.w.names {
		if r := l.w.routes[l.w.tag(name)]; r != nil && r.link == l {
			f(name, e)
		}
	}
}
