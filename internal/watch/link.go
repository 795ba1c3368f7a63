package watch

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	// A silent connection is found out within pingEvery and pingPatience.
	pingEvery    = 2 * time.Second
	pingPatience = time.Second

	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 5 * time.Second

	// A server that cannot push is asked again whether it can, first soon: who has just
	// changed its users may be about to change them again.
	firstAgain = 5 * time.Second
	maxAgain   = 5 * time.Minute
	// A connection to a replica is given up, in the hope of finding the master; for the
	// first time at once, then less and less often.
	maxReplica = time.Minute
	// maxTold is how many reasons are spoken of.
	maxTold = 16
	// mostMute is how often in a row a server may accept a connection and not answer
	// before it counts as one that cannot push: some proxies are like that.
	mostMute = 3
)

var (
	errTooMany  = refusal("more names than can be tracked, and they have nothing in common")
	errNoServer = refusal("this kind of client does not tell where the keys are")
	errReplica  = errors.New("the server is a replica")
)

// link keeps up with the changes on one server, by pushes or by polls.
type link struct {
	w      *Watch
	addr   string
	server *goredis.Client // nil: there is none to connect to
	life   context.Context
	end    context.CancelFunc
	wake   chan struct{} // there are names that are not known yet

	tracked []string // what the server pushes; nil if it does not. Watch.mu guards it

	// Of the link's own goroutine.
	reached  bool // the present connection was made
	stood    bool // it has tracked something
	faults   int  // connections in a row that came to nothing
	mute     int  // connections in a row that were not answered
	replicas int  // connections in a row that led to a replica
	poll     poll
}

// refused says that a server cannot push.
type refused struct {
	until time.Time // when it is asked again
	times int       // how often it has said so in a row
}

// newLink starts a link. The caller has Watch.mu.
func (w *Watch) newLink(addr string, server *goredis.Client) *link {
	l := &link{w: w, addr: addr, server: server, wake: make(chan struct{}, 1)}
	l.life, l.end = context.WithCancel(w.life)
	w.links[addr] = l
	w.behind.Go(l.run)
	return l
}

// run keeps the connection up. While the server cannot push, it polls.
func (l *link) run() {
	l.look(l.refusedFor(), "")
	for l.life.Err() == nil {
		l.reached, l.stood = false, false
		_, err := bounded.Do(context.Background(), func(context.Context) (struct{}, error) {
			return struct{}{}, l.connect()
		})
		l.lost()
		if l.life.Err() != nil {
			return
		}
		l.w.say(slog.LevelDebug, "no pushes from Redis now", "server", l.addr, "error", err)
		var no refusal
		if l.mute >= mostMute && !errors.As(err, &no) {
			err = refusal(err.Error())
		}
		if errors.As(err, &no) {
			l.mute, l.faults = 0, 0
			pause := l.refuse(no)
			l.say(no)
			l.look(pause, no)
			continue
		}
		pause := jitter(min(firstBackoff<<min(l.faults, 10), maxBackoff))
		l.faults++
		if l.reached && !l.stood { // whoever has a connection from before may still look
			var not passing
			if errors.As(err, &not) {
				l.say(not)
			}
			l.look(pause, "")
			continue
		}
		select {
		case <-time.After(pause):
		case <-l.life.Done():
		}
	}
}

// connect makes a connection and serves it until it is lost.
func (l *link) connect() error {
	if l.server == nil {
		return errNoServer
	}
	if _, ok := prefixes(l.followed(), maxPrefixes); !ok {
		return errTooMany
	}
	ctx, cancel := patience(l.life, l.w.cfg.Timeout)
	defer cancel()
	o := l.server.Options()
	who, err := logIn(ctx, o)
	if err != nil {
		return err
	}
	defer who.end()
	c, err := dial(ctx, o, l.pushed)
	if err != nil {
		return err
	}
	defer c.close()
	l.reached = true
	l.mute++ // until it tracks, or says why it does not
	if err = c.hello(ctx, who.username, who.password); err == nil {
		err = l.serve(c, who.renewed)
	}
	if not := passing(""); errors.As(err, &not) {
		l.mute = 0
	}
	return err
}

func (l *link) serve(c *wire, renewed <-chan auth.Credentials) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	began := time.Now()
	err := l.retrack(c)
	for err == nil {
		select {
		case <-l.wake:
			err = l.retrack(c)
		case <-ping.C:
			if err = l.soon(func(ctx context.Context) error { return l.ping(ctx, c, time.Since(began)) }); err == nil {
				l.faults = 0
			}
		case who := <-renewed:
			username, password := who.BasicAuth()
			err = l.soon(func(ctx context.Context) error { return c.auth(ctx, username, password) })
		case <-c.over:
			err = c.err
		case <-l.life.Done():
			err = l.life.Err()
		}
	}
	return err
}

// ping asks whether a connection that has stood for so long still leads to a master.
func (l *link) ping(ctx context.Context, c *wire, stood time.Duration) error {
	replica, err := c.ping(ctx)
	switch {
	case err != nil:
		return err
	case !replica:
		l.replicas = 0
	case stood >= min(pingEvery<<min(l.replicas, 10), maxReplica)-pingEvery:
		l.replicas++
		l.w.cfg.Renew()
		return errReplica
	}
	return nil
}

// soon makes an exchange on a connection that has worked.
func (l *link) soon(exchange func(context.Context) error) error {
	ctx, cancel := patience(l.life, pingPatience)
	defer cancel()
	return exchange(ctx)
}

// refuse takes note that the server cannot push, and returns when to ask again.
func (l *link) refuse(why refusal) (pause time.Duration) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	times := l.w.refused[l.addr].times
	pause = jitter(min(firstAgain<<min(times, 10), maxAgain))
	if why != errTooMany {
		now := time.Now()
		for addr, r := range l.w.refused { // nobody speaks to that one any more
			if addr != l.addr && now.Sub(r.until) > maxAgain {
				delete(l.w.refused, addr)
			}
		}
		l.w.refused[l.addr] = refused{now.Add(pause), times + 1}
	}
	return pause
}

// say tells once why the server is polled.
func (l *link) say(why error) {
	l.w.mu.Lock()
	_, again := l.w.told[why.Error()]
	again = again || len(l.w.told) >= maxTold
	if !again {
		l.w.told[why.Error()] = struct{}{}
	}
	l.w.mu.Unlock()
	if !again {
		l.w.say(slog.LevelInfo, "Redis does not push changes, so it is polled", "server", l.addr, "reason", why, "every", l.w.cfg.Poll)
	}
}

// refusedFor returns for how long a server is known not to push.
func (l *link) refusedFor() time.Duration {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return time.Until(l.w.refused[l.addr].until)
}

// jitter returns a random time of at most d and at least half of it.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
