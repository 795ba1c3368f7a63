package dial_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// slowDial keeps the first connection back until it may be handed out.
type slowDial struct {
	goredis.Hook
	made, handOut chan struct{}
}

func (s slowDial) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		select {
		case s.made <- struct{}{}:
			<-s.handOut
		default:
		}
		return c, err
	}
}
func (slowDial) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (slowDial) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

// A command that ends before it has its connection leaves none open: go-redis would keep it.
func TestLazyCommandThatEndsBeforeItIsConnected(t *testing.T) {
	srv := redistest.Start(t)
	clients := func() int { return strings.Count(fmt.Sprint(srv.Do("CLIENT", "LIST")), " fd=") - 1 }
	c := open(t, dial.Config{URL: secret.New("redis://" + srv.Addr() + "?dial_timeout=1m&read_timeout=1m&write_timeout=1m&pool_timeout=1m"), Timeout: time.Minute}, dial.Options{Lazy: true}).Client()
	slow := slowDial{made: make(chan struct{}, 1), handOut: make(chan struct{})}
	c.AddHook(slow)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- c.Ping(ctx).Err() }()
	for len(slow.made) == 0 { // it is connected
		<-time.After(5 * time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the command: %v", err)
	}
	close(slow.handOut)
	for end := time.Now().Add(time.Minute); clients() > 0; <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d connections are open", clients())
		}
	}
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Errorf("the next command: %v", err)
	}
}
