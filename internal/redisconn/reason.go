package redisconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// recent is how long ago a dial may have failed to be the reason of a timeout.
const recent = 10 * time.Second

// underWay is the error of a caller that has left before its dial ended.
type underWay struct {
	addr, stage string
	cause       error // of the caller's context
}

func (e *underWay) Error() string {
	return fmt.Sprintf("Redis at %s: the dial %s, and has not ended in time", e.addr, e.stage)
}

// Timeout makes it a net.Error, and a timeout.
func (e *underWay) Timeout() bool { return true }

// Temporary makes it a net.Error.
func (e *underWay) Temporary() bool { return true }

// Unwrap returns why the caller has left.
func (e *underWay) Unwrap() error { return e.cause }

// Explain returns err, the error of a command, with its reason. If err is a timeout and a dial
// is under way, Explain waits for the end of the dial, or of ctx. It returns err if it knows
// no reason.
func (d *Dialer) Explain(ctx context.Context, err error) error {
	var timeout net.Error
	if err == nil || !errors.Is(err, context.DeadlineExceeded) && !(errors.As(err, &timeout) && timeout.Timeout()) {
		return err
	}
	for {
		d.mu.Lock()
		reason, dialling, ended := d.err, d.underWay(), d.ended
		if time.Since(d.errAt) > recent {
			reason = nil
		}
		if u := d.trust.unanswered.Load(); u != nil && reason == nil && time.Since(u.at) < recent {
			reason = u
		}
		d.mu.Unlock()
		if reason != nil && !errors.Is(reason, context.Canceled) && (dialling == nil || !isUnderWay(reason)) {
			return fmt.Errorf("%w: %w", err, reason)
		}
		if dialling == nil {
			return err
		}
		select {
		case <-ended:
		case <-ctx.Done():
			if strings.Contains(err.Error(), dialling.Error()) {
				return err
			}
			return fmt.Errorf("%w: %w", err, dialling)
		}
	}
}

func isUnderWay(err error) bool {
	var e *underWay
	return errors.As(err, &e)
}

// underWay returns an error that names what a dial under way waits for, nil if there is none.
// The mutex is held.
func (d *Dialer) underWay() error {
	for _, list := range d.dials {
		for _, a := range list {
			if a.drop == nil {
				return &underWay{addr: a.target.addr, stage: *a.stage.Load(), cause: context.DeadlineExceeded}
			}
		}
	}
	return nil
}
