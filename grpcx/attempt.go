package grpcx

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/advoware-go/advoware/client/attempt"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redact"
)

// one is an attempt of a call, for which GetRequestMetadata may be asked more than once: gRPC
// itself repeats what no server has seen.
type one struct {
	found token.Found // looked up for it

	mu   sync.Mutex
	sent token.Found // last; none if it was never asked for
}

type oneKey struct{}

func attemptOf(ctx context.Context) *one {
	a, _ := ctx.Value(oneKey{}).(*one)
	return a
}

func (a *one) send(found token.Found) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = found
}

func (a *one) last() token.Found {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sent
}

func (a *one) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oneKey{}, a)
}

// Unary is a grpc.UnaryClientInterceptor. If a call is Unauthenticated, exactly the token that it
// was sent with is rejected, and the call made once more with another one, if there is one. A
// server must not have begun with what it says is Unauthenticated. For more see attempt.Do.
func (c *Credentials) Unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	err := attempt.Do(ctx, c.cfg.Source, func(ctx context.Context, found token.Found) (attempt.Outcome, error) {
		a := &one{found: found}
		err := a.shown(invoke(a.within(ctx), method, req, reply, cc, opts...))
		sent := a.last()
		switch {
		case sent.Token.IsZero(): // these Credentials are not those of the connection, or nothing was sent
			return attempt.Unknown, err
		case status.Code(err) == codes.Unauthenticated && sent.Token != found.Token:
			_ = c.reject(ctx, sent)
			return attempt.Unknown, err
		}
		return outcome(err), err
	})
	return asStatus(ctx, err)
}

// outcome is what an error says of the token.
func outcome(err error) attempt.Outcome {
	switch status.Code(err) {
	case codes.Unauthenticated:
		return attempt.Refused
	case codes.OK, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.FailedPrecondition, codes.Aborted, codes.OutOfRange:
		return attempt.Accepted
	}
	return attempt.Unknown
}

// rejectTimeout bounds what is done after the end of a stream, when its context may be over.
const rejectTimeout = 5 * time.Second

func (c *Credentials) reject(ctx context.Context, found token.Found) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rejectTimeout)
	defer cancel()
	return attempt.Reject(ctx, c.cfg.Source, found)
}

// shown returns an error without the token, which a server may have repeated.
func (a *one) shown(err error) error {
	sent := a.last().Token
	s, ok := status.FromError(err)
	if err == nil || !ok || sent.IsZero() {
		return err
	}
	h, p := redact.NewToken(sent.Reveal()), s.Proto()
	text := h.Hide(p.GetMessage())
	hidden := text != p.GetMessage()
	p.Message = text
	kept := p.Details[:0]
	for _, d := range p.Details {
		if h.In(string(d.GetValue())) {
			hidden = true
			continue
		}
		kept = append(kept, d)
	}
	if !hidden {
		return err
	}
	p.Details = kept
	return status.FromProto(p).Err()
}

// statusError is an error of a Source as one of gRPC. It matches both.
type statusError struct {
	code codes.Code
	err  error
}

func (e *statusError) Error() string { return e.err.Error() }

// Unwrap returns the error of the Source.
func (e *statusError) Unwrap() error { return e.err }

// GRPCStatus returns the status, whose message is the error.
func (e *statusError) GRPCStatus() *status.Status { return status.New(e.code, e.err.Error()) }

// asStatus gives an error a status, if it has none.
func asStatus(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	code := codes.Unavailable
	failed, ok := errors.AsType[*token.FetchError](err)
	switch {
	case errors.Is(err, token.ErrClosed), ctx.Err() == context.Canceled:
		code = codes.Canceled
	case ctx.Err() != nil:
		code = codes.DeadlineExceeded
	case ok && failed.Refused:
		code = codes.Unauthenticated
	}
	return &statusError{code, err}
}
