package watch

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	// A dead connection is detected within pingEvery and pingPatience.
	pingEvery    = 2 * time.Second
	pingPatience = time.Second

	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 5 * time.Second

	// A server that cannot push is asked again whether it can, with backoff. It begins
	// small, as rights that were just changed may be changed again at once.
	firstAgain = 5 * time.Second
	maxAgain   = 5 * time.Minute
	// A connection to a replica is closed, as the next dial may lead to the master: at
	// once the first time, then after a time that doubles up to maxReplica.
	maxReplica = time.Minute
	// maxWarned is how many reasons are logged.
	maxWarned = 16
	// maxUnanswered is how many connections in a row a server may accept without an
	// answer before it counts as one that cannot push: some proxies are like that.
	maxUnanswered = 3
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
	wake   chan struct{} // there are names that are not tracked yet

	tracked []string // prefixes that the server pushes; nil: none. Watch.mu guards it

	// These belong to the goroutine of run.
	reached    bool // the present connection was made
	tracking   bool // it has tracked something
	failures   int  // connections in a row that came to nothing
	unanswered int  // connections in a row that were not answered
	replicas   int  // connections in a row that led to a replica
	polled     polled
}

// refused records that a server cannot push.
type refused struct {
	until time.Time // when it is asked again
	times int       // refusals in a row
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
	l.pollFor(l.refusedFor(), "")
	for l.life.Err() == nil {
		l.reached, l.tracking = false, false
		_, err := bounded.Do(context.Background(), func(context.Context) (struct{}, error) {
			return struct{}{}, l.connect()
		})
		l.lost()
		if l.life.Err() != nil {
			return
		}
		l.w.log(slog.LevelDebug, "no pushes from Redis now", "server", l.addr, "error", err)
		var no refusal
		if l.unanswered >= maxUnanswered {
			err = refusal(err.Error())
		}
		if errors.As(err, &no) {
			l.unanswered, l.failures = 0, 0
			pause := l.refuse(no)
			l.warn(no)
			l.pollFor(pause, no)
			continue
		}
		pause := jitter(doubled(firstBackoff, l.failures, maxBackoff))
		l.failures++
		if l.reached && !l.tracking { // Client may have a connection that still works
			var not temporary
			if errors.As(err, &not) {
				l.warn(not)
			}
			l.pollFor(pause, "")
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
	ctx, cancel := withTimeout(l.life, l.w.cfg.Timeout)
	defer cancel()
	o := l.server.Options()
	creds, err := logIn(ctx, o)
	if err != nil {
		return err
	}
	defer creds.end()
	c, err := dial(ctx, o, l.pushed)
	if err != nil {
		return err
	}
	defer c.close()
	l.reached = true
	l.unanswered++ // until it tracks, or says why it does not
	if err = c.hello(ctx, creds.username, creds.password); err == nil {
		err = l.serve(c, creds.renewed)
	}
	if not := temporary(""); errors.As(err, &not) {
		l.unanswered = 0
	}
	return err
}

func (l *link) serve(c *conn, renewed <-chan auth.Credentials) error {
	ping := time.NewTicker(pingEvery)
	began := time.Now()
	err := l.retrack(c)
	for err == nil {
		select {
		case <-l.wake:
			err = l.retrack(c)
		case <-ping.C:
			if err = l.exchange(func(ctx context.Context) error { return l.ping(ctx, c, time.Since(began)) }); err == nil {
				l.failures = 0
			}
		case creds := <-renewed:
			username, password := creds.BasicAuth()
			err = l.exchange(func(ctx context.Context) error { return c.auth(ctx, username, password) })
		case <-c.over:
			err = c.err
		case <-l.life.Done():
			err = l.life.Err()
		}
	}
	return err
}

// ping checks that a connection of that age answers and still leads to a master.
func (l *link) ping(ctx context.Context, c *conn, age time.Duration) error {
	replica, err := c.ping(ctx)
	switch {
	case err != nil:
		return err
	case !replica:
		l.replicas = 0
	case age >= doubled(pingEvery, l.replicas, maxReplica)-pingEvery:
		l.replicas++
		l.w.cfg.Renew()
		return errReplica
	}
	return nil
}

// exchange bounds an exchange on a connection that has worked.
func (l *link) exchange(do func(context.Context) error) error {
	ctx, cancel := withTimeout(l.life, pingPatience)
	defer cancel()
	return do(ctx)
}

// refuse records that the server cannot push, and returns when to ask again.
func (l *link) refuse(why refusal) (pause time.Duration) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	times := l.w.refused[l.addr].times
	pause = jitter(doubled(firstAgain, times, maxAgain))
	if why != errTooMany {
		now := time.Now()
		// What is not asked any more is dropped.
		maps.DeleteFunc(l.w.refused, func(_ string, r refused) bool { return now.Sub(r.until) > maxAgain })
		l.w.refused[l.addr] = refused{now.Add(pause), times + 1}
	}
	return pause
}

// warn logs each reason for polling once.
func (l *link) warn(why error) {
	l.w.mu.Lock()
	_, again := l.w.warned[why.Error()]
	if again || len(l.w.warned) >= maxWarned {
		l.w.mu.Unlock()
		return
	}
	l.w.warned[why.Error()] = struct{}{}
	l.w.mu.Unlock()
	l.w.log(slog.LevelInfo, "Redis does not push changes, so it is polled", "server", l.addr, "reason", why, "every", l.w.cfg.Poll)
}

// refusedFor returns for how long the server is not to be asked again.
func (l *link) refusedFor() time.Duration {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return time.Until(l.w.refused[l.addr].until)
}

// doubled returns a time that is first, doubled so many times, and most at most.
func doubled(first time.Duration, times int, most time.Duration) time.Duration {
	return min(first<<min(times, 10), most)
}

// jitter returns a random time of at most d and at least half of it.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
