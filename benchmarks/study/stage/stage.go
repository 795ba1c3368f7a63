// Package stage plays a scenario with a store: it sets up an Advoware, a Redis and a
// client, lets the load begin, does what the scenario says at its time, and clears
// everything away.
//
// The Advoware is the fake of client/clienttest, on loopback. It lives in this process
// and takes its share of the machine, which falls on whole calls and hardly on lookups
// of a token.
//
// [Perform] may be called by one goroutine at a time, or the performances disturb each
// other's figures. See ARCHITECTURE.md for what is measured here.
package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/fleet"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/redisserver"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
	"github.com/advoware-go/advoware/client/clienttest"
)

// stage is one performance. It is the scenario.Stage of its scenes.
type stage struct {
	play  Play
	take  Take
	fake  *clienttest.Server
	redis *redisserver.Server // nil if the store needs none
	relay *redisserver.Relay  // to it; nil unless it is far
	log   event.Log

	office *clienttest.Connector // nil unless it is found by discovery

	forget func() // what unlessBrokenOff waits for

	now  atomic.Pointer[subject.Subject] // who is called
	mu   sync.Mutex
	cast []*subject.Subject // all that were opened, guarded by mu
}

// Perform plays p. When ctx ends it breaks off and returns what was measured by then,
// marked as partial. Without a redis-server for a store that needs one the error
// matches redisserver.ErrMissing.
func Perform(ctx context.Context, p Play) (*Take, error) {
	s := &stage{play: p, forget: func() {}}
	defer s.clear()
	if err := s.set(ctx); err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	perform := s.alone
	if p.Scenario.Fleet {
		perform = s.together
	}
	if err := perform(ctx); err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	s.take.Partial = ctx.Err() != nil
	return &s.take, nil
}

// set starts everything that the client needs.
func (s *stage) set(ctx context.Context) (err error) {
	t := &s.take
	t.Processes, t.TokenLatency, t.APILatency = 1, s.play.TokenLatency, max(s.play.APILatency, s.play.Scenario.APILatency)
	if tempo := s.play.Scenario.Tempo; tempo != nil {
		t.Life, t.TokenLatency = tempo(s.play.Duration, t.TokenLatency)
	}
	s.fake, err = clienttest.New(clienttest.Options{Lifetime: t.Life.Lifetime, TokenLatency: t.TokenLatency, Latency: t.APILatency})
	if err == nil && s.play.Store.Redis {
		s.redis, err = redisserver.Start(s.unlessBrokenOff(ctx))
	}
	if err == nil && s.redis != nil && s.play.Scenario.RedisFar {
		s.relay, err = redisserver.NewRelay(s.redis.Addr(), s.play.RedisLatency)
	}
	if n := s.play.Scenario.Answer; err == nil && n > 0 {
		s.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: list(n)})
	}
	if err == nil && s.play.Scenario.Discovery {
		err = s.openOffice()
	}
	if err == nil && s.play.Scenario.Tenants {
		err = s.admit(s.play.Tenants)
	}
	return err
}

// list is a JSON array of so many bytes, or hardly more.
func list(size int) string {
	const record = `{"id":4711,"name":"Mustermann","aktenzeichen":"00042/26","betrag":1234.5,"erledigt":false}`
	return "[" + strings.Repeat(record+",", size/(len(record)+1)) + record + "]"
}

// redisAddr is where the store finds Redis, "" if it needs none.
func (s *stage) redisAddr() string {
	switch {
	case s.relay != nil:
		return s.relay.Addr()
	case s.redis != nil:
		return s.redis.Addr()
	}
	return ""
}

// unlessBrokenOff returns the context of the Redis server. It ends with ctx at once, and
// not when the load has: if a store that does not heed its context keeps that from
// ending, somebody will end this process. What the library makes of it is no part of the
// scenario.
func (s *stage) unlessBrokenOff(ctx context.Context) context.Context {
	redis, end := context.WithCancel(context.WithoutCancel(ctx))
	unheard := context.AfterFunc(ctx, func() {
		s.log.Stop()
		end()
	})
	s.forget = func() { unheard(); end() }
	return redis
}

// clear ends everything that was started.
func (s *stage) clear() {
	for _, old := range s.cast {
		_ = old.Close()
	}
	if s.relay != nil {
		_ = s.relay.Close()
	}
	if s.redis != nil {
		s.redis.Close()
	}
	s.forget()
	if s.fake != nil {
		s.fake.Close()
	}
}

// alone plays in this process.
func (s *stage) alone(ctx context.Context) error {
	if err := s.RestartProcess(); err != nil {
		return err
	}
	start, err := s.warm(ctx)
	if err != nil {
		return err
	}
	counted, asked := s.counts(), s.fake.Counts()
	wait := s.scenes(ctx, start)
	result, err := load.Run(ctx, load.Config{
		Rate: s.play.Rate, Duration: s.play.Duration, Workers: s.play.Workers, Start: start,
		Call:    func(ctx context.Context) error { return s.now.Load().Call(ctx) },
		Lookups: func() load.Lookups { return s.counts().Lookups() },
	})
	if err := errors.Join(err, wait()); err != nil {
		return err
	}
	s.take.Result, s.take.Counts, s.take.Events = result, s.counts().Minus(counted), s.log.Events()
	all := s.fake.Counts()
	s.take.TokenRequests, s.take.DiscoveryRequests = all.TokenRequests-asked.TokenRequests, all.DiscoveryRequests-asked.DiscoveryRequests
	return nil
}

// warm returns when the load begins; by then there is a token, unless it begins without one.
func (s *stage) warm(ctx context.Context) (start time.Time, err error) {
	const lead = 50 * time.Millisecond
	switch {
	case s.play.Scenario.Cold:
		return time.Now().Add(lead), nil
	case s.play.Scenario.TokenEnd > 0:
		return s.warmTogether(ctx)
	}
	s.fake.SetTokenLatency(0)
	defer s.fake.SetTokenLatency(s.take.TokenLatency)
	err = s.now.Load().Warm(ctx)
	return time.Now().Add(lead), err
}

// together plays in several processes, which share the load.
func (s *stage) together(ctx context.Context) error {
	p := s.play
	order := fleet.Order{
		Store: p.Store.Name, Life: s.take.Life, Env: s.fake.Env(), Load: p.Load, Cold: p.Scenario.Cold,
		Rate: p.Rate / float64(p.Processes), Duration: p.Duration, Workers: p.Workers,
	}
	order.Redis = s.redisAddr()
	crew, err := fleet.Start(p.Member, p.Processes, order)
	if err != nil {
		return err
	}
	defer crew.Close()
	const lead = 250 * time.Millisecond // all must know of it by then
	requests, start := s.fake.Counts().TokenRequests, time.Now().Add(lead)
	wait := s.scenes(ctx, start)
	report, err := crew.Run(ctx, start)
	if err := errors.Join(err, wait()); err != nil {
		return err
	}
	s.take.Result, s.take.Counts = report.Result, report.Counts
	s.take.Events = event.Merge(s.log.Events(), report.Events)
	s.take.Processes, s.take.TokenRequests = p.Processes, s.fake.Counts().TokenRequests-requests
	return nil
}

// scenes does what the scenario says at its time, counted from start. The function
// that it returns waits until all is done.
func (s *stage) scenes(ctx context.Context, start time.Time) (wait func() error) {
	s.log.Start(start)
	done := make(chan error, 1)
	go func() {
		var errs []error
		for _, scene := range s.play.Scenario.Scenes {
			at := time.Duration(scene.At * float64(s.play.Duration))
			select {
			case <-time.After(time.Until(start.Add(at))):
			case <-ctx.Done():
				done <- errors.Join(errs...)
				return
			}
			s.log.Add(event.Scene, scene.Text)
			if scene.Do == nil {
				continue
			}
			if err := scene.Do(s); ctx.Err() == nil { // or it cannot be expected to work
				errs = append(errs, err)
			}
		}
		done <- errors.Join(errs...)
	}()
	return func() error { return <-done }
}

// counts adds up what all that were opened have done.
func (s *stage) counts() subject.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum subject.Counts
	for _, c := range s.cast {
		sum = sum.Add(c.Counts())
	}
	return sum
}

// RevokeTokens implements scenario.Stage, as do the following.
func (s *stage) RevokeTokens() { s.fake.RevokeAll() }

func (s *stage) KillRedis() { s.redis.Kill() }

func (s *stage) StartRedis() error { return s.redis.Restart() }

// RestartProcess replaces the client by a new one. The old one is closed at the end:
// calls may be under way in it.
func (s *stage) RestartProcess() error {
	site := subject.Site{Redis: s.redisAddr(), Life: s.take.Life, Logger: slog.New(slog.DiscardHandler)}
	next, err := subject.Open(subject.Config{
		Store: s.play.Store, Site: site, Env: s.env(), Load: s.play.Load, Events: &s.log,
		Tenants: s.tenants(), Spread: s.play.Spread,
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.cast = append(s.cast, next)
	s.mu.Unlock()
	s.now.Store(next)
	return nil
}
