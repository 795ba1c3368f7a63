package grpcx_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/grpcx"
)

func check(t *testing.T, c healthpb.HealthClient) error {
	_, err := c.Check(t.Context(), &healthpb.HealthCheckRequest{})
	return err
}

func TestUnary(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	for range 3 {
		if err := check(t, c); err != nil {
			t.Fatal(err)
		}
	}
	w.revoke()
	if err := check(t, c); err != nil {
		t.Fatalf("after a revocation: %v", err)
	}
	first, second := "[Bearer token-1-secret]", "[Bearer token-2-secret]"
	if got := w.attempts(); !slices.Equal(got, []string{first, first, first, first, second}) || w.issued.Load() != 2 {
		t.Errorf("%q, %d tokens", got, w.issued.Load())
	}
}

// Many calls, and tokens that are revoked while they are under way: none fails, and each
// revocation costs one token.
func TestRevocationUnderWay(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	for round := range int64(3) {
		if err := check(t, c); err != nil {
			t.Fatal(err)
		}
		w.revoke()
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				if err := check(t, c); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		calls.Wait()
		if n := w.issued.Load(); n != round+2 {
			t.Fatalf("%d tokens after %d revocations", n, round+1)
		}
	}
}

// A server that refuses every token is asked twice; the error shows none, although the server
// repeats them.
func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.prefix = "nobody sends this "
	c, _ := w.dial(t, grpcx.Config{})
	err := check(t, c)
	if status.Code(err) != codes.Unauthenticated || w.calls.Load() != 2 || strings.Contains(err.Error(), "-secret") || !strings.Contains(err.Error(), "redacted") {
		t.Errorf("%d attempts: %v", w.calls.Load(), err)
	}
	for range 20 {
		_ = check(t, c)
	}
	if n := w.issued.Load(); n > 4 {
		t.Errorf("%d tokens", n)
	}
}

func TestOtherCodesRejectNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	for _, code := range []codes.Code{codes.PermissionDenied, codes.NotFound, codes.Internal, codes.Unimplemented} {
		w.mu.Lock()
		w.code = code
		w.mu.Unlock()
		before := w.calls.Load()
		if err := check(t, c); status.Code(err) != code || w.calls.Load() != before+1 {
			t.Errorf("%v: %v, %d attempts", code, err, w.calls.Load()-before)
		}
	}
	if w.issued.Load() != 1 {
		t.Errorf("%d tokens", w.issued.Load())
	}
}

// An error of the Source is one of gRPC too.
func TestNoToken(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	w.down.Store(true)
	err := check(t, c)
	if _, ok := errors.AsType[*token.FetchError](err); !ok || status.Code(err) != codes.Unavailable || w.calls.Load() != 0 {
		t.Errorf("gateway down: %v", err)
	}
	if _, err := c.Watch(t.Context(), &healthpb.HealthCheckRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("gateway down, a stream: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Check(ctx, &healthpb.HealthCheckRequest{}); status.Code(err) != codes.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	w.source.Close()
	if err := check(t, c); status.Code(err) != codes.Canceled || !errors.Is(err, token.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// A refusal that comes late, for a token that was replaced, leaves the new one alone.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	w.late = func() {
		if _, err := w.source.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := check(t, c); err != nil {
		t.Error(err)
	}
	if n := w.source.Stats(); n.Fetches != 2 || n.Rejects != 0 || w.refused.Load() != 1 {
		t.Errorf("%+v, %d refusals", n, w.refused.Load())
	}
}

// A token that ended while a connection was waited for is not sent: the call has another one.
func TestTokenThatEndedWhileWaiting(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.life = 300 * time.Millisecond
	var dialled sync.Once
	c, _ := w.dial(t, grpcx.Config{}, grpc.WithTransportCredentials(credentials.NewTLS(w.roots)), grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		dialled.Do(func() {
			tok, err := w.source.Token(ctx, 0)
			if err != nil {
				t.Error(err)
			}
			<-time.After(time.Until(tok.Expiry()))
			w.life = time.Hour
		})
		return w.listen.DialContext(ctx)
	}))
	if _, err := c.Check(t.Context(), &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	if got := w.attempts(); len(got) != 1 || got[0] == "[Bearer token-1-secret]" {
		t.Errorf("%q", got)
	}
}

// What is not the connection's credentials rejects nothing, however the calls end.
func TestInterceptorsAlone(t *testing.T) {
	t.Parallel()
	w := start(t)
	creds, err := grpcx.New(grpcx.Config{Source: w.source})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("passthrough:///localhost", grpc.WithUnaryInterceptor(creds.Unary), grpc.WithStreamInterceptor(creds.Stream),
		grpc.WithTransportCredentials(credentials.NewTLS(w.roots)),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return w.listen.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := healthpb.NewHealthClient(conn)
	if err := check(t, c); status.Code(err) != codes.Unauthenticated || w.calls.Load() != 1 {
		t.Errorf("%v, %d attempts", err, w.calls.Load())
	}
	if s, err := c.Watch(t.Context(), &healthpb.HealthCheckRequest{}); err == nil {
		_, err = s.Recv()
		if status.Code(err) != codes.Unauthenticated {
			t.Error(err)
		}
	}
	if n := w.source.Stats(); n.Rejects != 0 {
		t.Errorf("%+v", n)
	}
}
