package grpcx_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/advoware-go/advoware/grpcx"
)

// A stream that is refused rejects its token, so that the next one has another.
func TestStream(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	recv := func() error {
		s, err := c.Watch(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			return err
		}
		_, err = s.Recv()
		return err
	}
	if err := recv(); err != nil {
		t.Fatal(err)
	}
	w.revoke()
	if err := recv(); status.Code(err) != codes.Unauthenticated || strings.Contains(err.Error(), "-secret") {
		t.Errorf("after a revocation: %v", err)
	}
	if err := recv(); err != nil || w.issued.Load() != 2 {
		t.Errorf("the next one: %v, %d tokens", err, w.issued.Load())
	}
}

// A stream that is refused late, when its token was replaced, leaves the new one alone.
func TestStreamRefusedLate(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, _ := w.dial(t, grpcx.Config{})
	if err := check(t, c); err != nil {
		t.Fatal(err)
	}
	w.late = func() {
		if _, err := w.source.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	s, err := c.Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("%v", err)
	}
	if err := check(t, c); err != nil || w.issued.Load() != 2 || w.source.Stats().Rejects != 0 {
		t.Errorf("%v, %d tokens, %+v", err, w.issued.Load(), w.source.Stats())
	}
}
