package redis

import (
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/advoware-go/advoware/internal/farwait"
)

// DefaultDB is the database that Advoware programs share.
const DefaultDB = 1

const (
	quick    = farwait.Default // what a call may wait for all of it
	sluggish = time.Second     // a timeout over this is worth a warning
	poolSize = 8
)

// Options returns options for a client that gives up quickly, to be completed with a
// password, TLS or another DB as needed: 250 ms to dial, to read, to write and to wait for
// a connection, no retries, deadlines of contexts honoured, one pool of 8 connections, and
// no optional command on a new connection. With the defaults of go-redis a call waits for
// seconds when the server is down.
//
// It uses DefaultDB and RESP2: nothing here needs server push.
//
// go-redis writes a line to stderr for each dial that fails. Its logger is global
// (redis.SetLogger), so that only a program should replace it.
func Options(addr string) *goredis.Options {
	return &goredis.Options{
		Addr:                     addr,
		DB:                       DefaultDB,
		Protocol:                 2,
		DialTimeout:              quick,
		ReadTimeout:              quick,
		WriteTimeout:             quick,
		PoolTimeout:              quick,
		ContextTimeoutEnabled:    true,
		DialerRetries:            1,
		MaxRetries:               -1,
		PoolSize:                 poolSize,
		PipelinePoolSize:         -1, // transactions share the pool
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// hazards names the options of a client that make calls hang when Redis is down. It knows
// the client types of go-redis only.
func hazards(client goredis.UniversalClient) []string {
	o, known := optionsOf(client)
	if !known {
		return nil
	}
	var found []string
	add := func(bad bool, name string, value any) {
		if bad {
			found = append(found, fmt.Sprintf("%s=%v", name, value))
		}
	}
	add(!o.ContextTimeoutEnabled, "ContextTimeoutEnabled", false)
	add(o.DialerRetries != 1, "DialerRetries", o.DialerRetries)
	add(o.MaxRetries > 0, "MaxRetries", o.MaxRetries)
	for _, t := range []struct {
		name  string
		value time.Duration
	}{
		{"DialTimeout", o.DialTimeout}, {"ReadTimeout", o.ReadTimeout},
		{"WriteTimeout", o.WriteTimeout}, {"PoolTimeout", o.PoolTimeout},
	} {
		add(t.value <= 0 || t.value > sluggish, t.name, t.value)
	}
	return found
}

// CallWait returns how long a call should wait for this Store in total: 250 ms, or the
// longest timeout of the client if that is longer and the client honours deadlines.
func (s *Store) CallWait() time.Duration {
	o, _ := optionsOf(s.cfg.Client)
	if !s.cfg.ClientHonoursDeadlines {
		return quick
	}
	return max(quick, o.DialTimeout, o.ReadTimeout, o.WriteTimeout)
}

// optionsOf returns the timeouts and retries of a client. It is false for a type that is not
// known.
func optionsOf(client goredis.UniversalClient) (o goredis.Options, known bool) {
	switch c := client.(type) {
	case *goredis.Client:
		o = *c.Options()
	case *goredis.ClusterClient:
		co := c.Options()
		o = goredis.Options{
			ContextTimeoutEnabled: co.ContextTimeoutEnabled, DialerRetries: co.DialerRetries, MaxRetries: co.MaxRetries,
			DialTimeout: co.DialTimeout, ReadTimeout: co.ReadTimeout, WriteTimeout: co.WriteTimeout, PoolTimeout: co.PoolTimeout,
		}
	case *goredis.Ring:
		ro := c.Options()
		o = goredis.Options{
			ContextTimeoutEnabled: ro.ContextTimeoutEnabled, DialerRetries: ro.DialerRetries, MaxRetries: ro.MaxRetries,
			DialTimeout: ro.DialTimeout, ReadTimeout: ro.ReadTimeout, WriteTimeout: ro.WriteTimeout, PoolTimeout: ro.PoolTimeout,
		}
	default:
		return o, false
	}
	return o, true
}
