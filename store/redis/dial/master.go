package dial

import (
	"context"
	"errors"
	"net"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/advoware-go/advoware/internal/bounded"
)

// masterClient returns a client of the master that the sentinels name, each time that a
// connection is made. That of go-redis for a replicated server listens to a sentinel for as
// long as it is open.
func (t *target) masterClient() goredis.UniversalClient {
	f := t.sentinel
	return goredis.NewClient(&goredis.Options{
		Addr: "the master " + f.MasterName, Dialer: t.dialMaster, DB: t.db, CredentialsProviderContext: t.server.provider(),
		Protocol: f.Protocol, DialTimeout: f.DialTimeout, ReadTimeout: f.ReadTimeout, WriteTimeout: f.WriteTimeout,
		PoolTimeout: f.PoolTimeout, PoolSize: f.PoolSize, PipelinePoolSize: f.PipelinePoolSize, MaxIdleConns: f.MaxIdleConns,
		MaxRetries: f.MaxRetries, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// dialMaster connects to the master that the sentinels name, the first that can be reached: in
// a failover not all of them know the new one. All are asked at a time, as one that is dead
// would take the time of the others.
func (t *target) dialMaster(ctx context.Context, _, _ string) (net.Conn, error) {
	asked, cancel := context.WithCancel(ctx)
	defer cancel()
	var answers []<-chan bounded.Result[string]
	for _, sentinel := range t.addrs {
		answers = append(answers, bounded.Go(func() (string, error) { return t.master(asked, sentinel) }))
	}
	first := make(chan bounded.Result[string], len(answers))
	for _, answer := range answers {
		go func() { first <- <-answer }()
	}
	var failed []error
	tried := make(map[string]bool)
	for range answers {
		select {
		case r := <-first:
			if r.Err == nil && tried[r.Value] {
				continue
			}
			var c net.Conn
			if r.Err == nil {
				tried[r.Value] = true
				c, r.Err = t.dialer.DialContext(ctx, "tcp", r.Value)
			}
			if r.Err == nil {
				return c, nil
			}
			failed = append(failed, r.Err)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return nil, errors.Join(failed...)
}

// master asks one sentinel for the address of the master.
func (t *target) master(ctx context.Context, at string) (string, error) {
	f := t.sentinel
	s := goredis.NewSentinelClient(&goredis.Options{
		Addr: at, Dialer: t.dialer.DialContext, Username: t.watcher.username, Password: t.watcher.sent(),
		Protocol: f.Protocol, DialTimeout: f.DialTimeout, ReadTimeout: f.ReadTimeout, WriteTimeout: f.WriteTimeout,
		PoolTimeout: f.PoolTimeout, PoolSize: 1, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	defer func() { _ = s.Close() }()
	reply, err := s.GetMasterAddrByName(ctx, f.MasterName).Result()
	if err == nil && len(reply) != 2 {
		err = errors.New("the sentinel names no address")
	}
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(reply[0], reply[1]), nil
}
