package grpcx_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/grpcx"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/store"
)

// world is a gRPC server that wants a token, in memory and with TLS, and what issues them.
type world struct {
	source *token.Source
	listen *bufconn.Listener
	roots  *tls.Config

	issued, calls, refused atomic.Int64
	down                   atomic.Bool
	key, prefix            string

	mu    sync.Mutex
	valid string
	seen  []string
	code  codes.Code    // of the next answers to a valid token; OK
	life  time.Duration // of tokens; an hour
	late  func()        // called once before a token is looked at
}

func (w *world) fetch(context.Context) (store.Token, error) {
	if w.down.Load() {
		return store.Token{}, fmt.Errorf("the gateway is down")
	}
	text := fmt.Sprintf("token-%d-secret", w.issued.Add(1))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.valid = text
	return store.NewToken(text, time.Now(), time.Now().Add(cmp.Or(w.life, time.Hour)))
}

func (w *world) revoke() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.valid = ""
}

func (w *world) check(ctx context.Context) error {
	w.calls.Add(1)
	md, _ := metadata.FromIncomingContext(ctx)
	got := md.Get(w.key)
	w.mu.Lock()
	late := w.late
	w.late = nil
	w.mu.Unlock()
	if late != nil {
		late()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, fmt.Sprint(got))
	if len(got) != 1 || w.valid == "" || got[0] != w.prefix+w.valid {
		w.refused.Add(1)
		return status.Errorf(codes.Unauthenticated, "%q is no token", got)
	}
	if w.code != codes.OK {
		return status.Error(w.code, "as the test wants it")
	}
	return nil
}

func (w *world) attempts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{key: "authorization", prefix: "Bearer ", listen: bufconn.Listen(1 << 16)}
	var err error
	w.source, err = token.New(token.Config{Store: new(store.Map), Key: "k", Fetch: w.fetch, OneShot: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.source.Close)
	ca := certtest.NewCA(t)
	pair, err := tls.LoadX509KeyPair(ca.Issue("localhost"))
	if err != nil {
		t.Fatal(err)
	}
	w.roots = &tls.Config{RootCAs: ca.Roots(), ServerName: "localhost"}
	w.serve(t, grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
	return w
}

func (w *world) serve(t *testing.T, opts ...grpc.ServerOption) {
	t.Helper()
	srv := grpc.NewServer(append(opts,
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			if err := w.check(ctx); err != nil {
				return nil, err
			}
			return next(ctx, req)
		}),
		grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if err := w.check(ss.Context()); err != nil {
				return err
			}
			return next(srv, ss)
		}),
	)...)
	healthpb.RegisterHealthServer(srv, health.NewServer())
	listen := w.listen
	go func() { _ = srv.Serve(listen) }()
	t.Cleanup(srv.Stop)
}

func (w *world) dial(t *testing.T, cfg grpcx.Config, opts ...grpc.DialOption) (healthpb.HealthClient, *grpcx.Credentials) {
	t.Helper()
	cfg.Source = w.source
	creds, err := grpcx.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	all := append(creds.DialOptions(),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return w.listen.DialContext(ctx) }))
	if len(opts) == 0 {
		opts = []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(w.roots))}
	}
	conn, err := grpc.NewClient("passthrough:///localhost", append(all, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return healthpb.NewHealthClient(conn), creds
}
