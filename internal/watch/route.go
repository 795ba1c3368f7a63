package watch

import (
	"context"
	"log/slog"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	// connectDelay is how long a name has to be followed before a link is made for it: a
	// short wait needs none, and a process that starts has its first commands to send.
	// What is missed meanwhile is a gap.
	connectDelay = 20 * time.Millisecond
	// idleTimeout is how long a link outlives the last follow.
	idleTimeout = 3 * time.Second
	// routeEvery is how often the masters of a cluster's keys are looked up again.
	routeEvery = 2 * time.Second
)

// route says which link has the names with one tag.
type route struct {
	link *link
	used time.Time // when a name with the tag was last followed
}

// tag returns what names on one server have in common: on a cluster, the part of the
// name that its slot depends on.
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
func (w *Watch) tag(name string) string {
	if _, cluster := w.cfg.Client.(*goredis.ClusterClient); !cluster {
		return ""
	}
	if _, after, found := strings.Cut(name, "{"); found {
		if tag, _, found := strings.Cut(after, "}"); found && tag != "" {
			return tag
		}
	}
	return name
}

// servers returns the server of the names with each tag, as a client for it; nil: no
// server is known that pushes.
func (w *Watch) servers(tags map[string]bool) (map[string]*goredis.Client, error) {
	ctx, cancel := withTimeout(w.life, w.cfg.Timeout)
	defer cancel()
	return bounded.Do(ctx, func(ctx context.Context) (map[string]*goredis.Client, error) {
		found := make(map[string]*goredis.Client)
		for tag := range tags {
			switch c := w.cfg.Client.(type) {
			case *goredis.Client:
				found[tag] = c
			case *goredis.ClusterClient:
				master, err := c.MasterForKey(ctx, tag)
				if err != nil {
					return nil, err
				}
				found[tag] = master
			default:
				found[tag] = nil
			}
		}
		return found, nil
	})
}

// router gives each followed name to the link of its server, until nothing is
// followed any more.
func (w *Watch) router() {
	cluster, spread := w.cfg.Client.(*goredis.ClusterClient)
	select {
	case <-time.After(connectDelay):
	case <-w.life.Done():
	}
	for {
		tags, done := w.sweep()
		if done {
			return
		}
		servers, err := w.servers(tags)
		if err == nil {
			w.assign(servers)
		} else if w.life.Err() == nil {
			w.log(slog.LevelDebug, "cannot tell which server to watch", "error", err)
		}
		wake := w.wake
		if err != nil {
			wake = nil // retried after routeEvery only
		}
		var again <-chan time.Time
		switch {
		case len(tags) == 0:
			again = time.After(idleTimeout)
		case err != nil || spread:
			again = time.After(routeEvery)
		}
		select {
		case <-wake:
		case <-again:
			if spread {
				cluster.ReloadState(w.life) // for the next time
			}
		case <-w.life.Done():
			return
		}
	}
}

// sweep returns the tags of all followed names, and ends routes and links that were idle
// for idleTimeout. It reports whether nothing is left; then the router ends.
func (w *Watch) sweep() (tags map[string]bool, done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	tags = make(map[string]bool)
	for name := range w.names {
		tags[w.tag(name)] = true
	}
	used := make(map[*link]bool)
	for tag, r := range w.routes {
		if tags[tag] {
			r.used = now
		}
		if now.Sub(r.used) >= idleTimeout {
			delete(w.routes, tag)
		} else {
			used[r.link] = true
		}
	}
	for addr, l := range w.links {
		if !used[l] {
			l.end()
			delete(w.links, addr)
		}
	}
	w.routing = len(w.names) > 0 || len(w.routes) > 0
	return tags, !w.routing
}

// assign gives the names with each tag to the link of their server.
func (w *Watch) assign(servers map[string]*goredis.Client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	moved := make(map[string]*link)
	for tag, server := range servers {
		addr := ""
		if server != nil {
			addr = server.Options().Addr
		}
		l := w.links[addr]
		if l == nil {
			l = w.newLink(addr, server)
		}
		if r := w.routes[tag]; r == nil || r.link != l {
			w.routes[tag] = &route{link: l}
			moved[tag] = l
		}
	}
	w.unrouted = false
	for name, e := range w.names {
		tag := w.tag(name)
		if l := moved[tag]; l != nil {
			e.synced = false
			signal(l.wake)
		}
		w.unrouted = w.unrouted || w.routes[tag] == nil // followed since the servers were asked for
	}
}
