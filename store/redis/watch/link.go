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

	// trackAgain is when a server that cannot push is asked again whether it can.
	trackAgain = 5 * time.Minute
	// mostMute is how often in a row a server may accept a connection and not answer
	// before it counts as one that cannot push: some proxies are like that.
	mostMute = 3
)

var (
	errTooMany  = refusal("more names than can be tracked, and they have nothing in common")
	errNoServer = refusal("this kind of client does not tell where the keys are")
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
	stood  bool // the present connection has tracked something
	faults int  // connections in a row that came to nothing
	mute   int  // connections in a row that were not answered
	poll   poll
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
		l.stood = false
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
			pause := jitter(trackAgain)
			l.refuse(no, pause)
			l.look(pause, no)
			continue
		}
		pause := time.NewTimer(jitter(min(firstBackoff<<min(l.faults, 10), maxBackoff)))
		l.faults++
		select {
		case <-pause.C:
		case <-l.life.Done():
			pause.Stop()
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
	l.mute++ // until it tracks
	if err := c.hello(ctx, who.username, who.password); err != nil {
		return err
	}
	return l.serve(c, who.renewed)
}

func (l *link) serve(c *wire, renewed <-chan auth.Credentials) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	err := l.retrack(c)
	for err == nil {
		select {
		case <-l.wake:
			err = l.retrack(c)
		case <-ping.C:
			if err = l.soon(c.ping); err == nil {
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

// soon makes an exchange on a connection that has worked.
func (l *link) soon(exchange func(context.Context) error) error {
	ctx, cancel := patience(l.life, pingPatience)
	defer cancel()
	return exchange(ctx)
}

// refuse takes note for so long that the server cannot push.
func (l *link) refuse(why refusal, pause time.Duration) {
	l.w.mu.Lock()
	if why != errTooMany {
		l.w.refused[l.addr] = time.Now().Add(pause)
	}
	first := !l.w.told
	l.w.told = true
	l.w.mu.Unlock()
	if first {
		l.w.say(slog.LevelInfo, "Redis does not push changes, so it is polled", "server", l.addr, "reason", why, "every", l.w.cfg.Poll)
	}
}

// refusedFor returns for how long a server is known not to push.
func (l *link) refusedFor() time.Duration {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return time.Until(l.w.refused[l.addr])
}

// jitter returns a random time of at most d and at least half of it.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
