package watch

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/bounded"
)

// login has the credentials of a connection.
type login struct {
	username, password string
	renewed            renewals // nil: they do not change
	end                func()   // ends the subscription
}

// logIn gets the credentials of a client, from where go-redis takes them, in its order.
// The error of a provider is not passed on, as it may quote them.
func logIn(ctx context.Context, o *goredis.Options) (login, error) {
	l, err := bounded.Do(ctx, func(ctx context.Context) (login, error) {
		l := login{username: o.Username, password: o.Password, end: func() {}}
		var err error
		switch {
		case o.StreamingCredentialsProvider != nil:
			l, err = subscribe(o.StreamingCredentialsProvider)
			if err == nil && ctx.Err() != nil {
				l.end() // the caller has given up
			}
		case o.CredentialsProviderContext != nil:
			l.username, l.password, err = o.CredentialsProviderContext(ctx)
		case o.CredentialsProvider != nil:
			l.username, l.password = o.CredentialsProvider()
		}
		return l, err
	})
	if err != nil {
		return login{}, errors.New("the provider of the credentials failed")
	}
	return l, nil
}

func subscribe(p auth.StreamingCredentialsProvider) (login, error) {
	l := login{renewed: make(renewals, 1)}
	c, stop, err := p.Subscribe(l.renewed)
	if err != nil {
		return login{}, err
	}
	l.username, l.password = c.BasicAuth()
	l.end = func() {
		if stop != nil {
			bounded.Run(func() { _ = stop() })
		}
	}
	return l, nil
}

// renewals implements auth.CredentialsListener: it holds the newest credentials.
type renewals chan auth.Credentials

// OnNext implements auth.CredentialsListener.
func (r renewals) OnNext(c auth.Credentials) {
	for {
		select {
		case r <- c:
			return
		default:
		}
		select {
		case <-r:
		default:
		}
	}
}

// OnError implements auth.CredentialsListener. The connection keeps the credentials
// that it has.
func (r renewals) OnError(error) {}
