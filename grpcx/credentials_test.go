package grpcx_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/advoware-go/advoware/grpcx"
)

func TestWithoutTLS(t *testing.T) {
	t.Parallel()
	w := start(t)
	creds, err := grpcx.New(grpcx.Config{Source: w.source})
	if err != nil {
		t.Fatal(err)
	}
	_, err = grpc.NewClient("passthrough:///localhost", append(creds.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err == nil || !creds.RequireTransportSecurity() {
		t.Errorf("a connection without TLS: %v", err)
	}
	if md, err := creds.GetRequestMetadata(t.Context()); status.Code(err) != codes.Unavailable || md != nil {
		t.Errorf("asked by hand, without a connection: %v, %v", md, err)
	}

	w.listen = bufconn.Listen(1 << 16)
	w.serve(t)
	c, creds := w.dial(t, grpcx.Config{AllowInsecure: true}, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err := check(t, c); err != nil || creds.RequireTransportSecurity() {
		t.Errorf("where it is permitted: %v", err)
	}
}

func TestAnotherKey(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.key, w.prefix = "x-api-session", "v1 "
	c, _ := w.dial(t, grpcx.Config{Key: "X-Api-Session", Prefix: "v1 "})
	if err := check(t, c); err != nil {
		t.Fatal(err)
	}
	w.revoke()
	if err := check(t, c); err != nil {
		t.Fatal(err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	w := start(t)
	for want, cfg := range map[string]grpcx.Config{
		"Source":  {},
		"Key has": {Source: w.source, Key: "two words"},
		"grpc-":   {Source: w.source, Key: "grpc-token"},
		"-bin":    {Source: w.source, Key: "token-bin"},
		"no Name": {Source: w.source, Prefix: "Token "},
	} {
		if _, err := grpcx.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
