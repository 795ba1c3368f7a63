package grpcx

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Stream is a grpc.StreamClientInterceptor. If a stream is Unauthenticated, exactly the token that
// it was opened with is rejected, if that is still the one in use; a new stream has another one.
// The stream is not opened again: what was sent through it is not known here.
func (c *Credentials) Stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	found, err := c.cfg.Source.Lookup(ctx, 0)
	if err != nil {
		return nil, asStatus(ctx, err)
	}
	s := &stream{c: c, ctx: ctx, attempt: &one{found: found}}
	s.ClientStream, err = open(s.attempt.within(ctx), desc, cc, method, opts...)
	if err != nil {
		return nil, s.noted(err)
	}
	return s, nil
}

// stream notices that its token was refused.
type stream struct {
	grpc.ClientStream
	c       *Credentials
	ctx     context.Context
	attempt *one
	refused sync.Once
}

// noted looks at an error of the stream, and returns it without the token.
func (s *stream) noted(err error) error {
	if err == nil {
		return nil
	}
	if sent := s.attempt.last(); status.Code(err) == codes.Unauthenticated && !sent.Token.IsZero() {
		s.refused.Do(func() { _ = s.c.reject(s.ctx, sent) })
	}
	return s.attempt.shown(err)
}

func (s *stream) Header() (metadata.MD, error) {
	md, err := s.ClientStream.Header()
	return md, s.noted(err)
}

func (s *stream) SendMsg(m any) error { return s.noted(s.ClientStream.SendMsg(m)) }
func (s *stream) RecvMsg(m any) error { return s.noted(s.ClientStream.RecvMsg(m)) }
