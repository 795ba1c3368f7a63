package watch_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/watch"
)

// subscriber is a provider that does what a test says.
type subscriber func(auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error)

func (s subscriber) Subscribe(l auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
	return s(l)
}

// withSubscriber runs a test with a client whose credentials come from s.
func withSubscriber(t *testing.T, s subscriber, test func(*testing.T, *fakeRedis, *watch.Watch)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, working)
		o := f.options()
		o.StreamingCredentialsProvider = s
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{Logger: f.log.logger()})
		w.Follow("tok", func(bool) {})
		test(t, f, w)
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
		time.Sleep(time.Minute) // for the provider
	})
}

// A subscription lasts as long as the connection, and ends with it; one that comes when nobody waits
// for it any more ends at once.
func TestSubscriptionEnds(t *testing.T) {
	for name, takes := range map[string]time.Duration{"in time": time.Second, "too late": watch.DefaultTimeout + time.Second} {
		t.Run(name, func(t *testing.T) {
			var begun, ended atomic.Int64
			withSubscriber(t, func(auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
				begun.Add(1)
				time.Sleep(takes)
				return auth.NewBasicCredentials("me", "s3cret"), func() error { ended.Add(1); return nil }, nil
			}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				time.Sleep(time.Minute)
				if late := takes > watch.DefaultTimeout; w.Stats().Pushing == late || (ended.Load() > 0) != late {
					t.Errorf("%+v; %d subscriptions, of which %d have ended", w.Stats(), begun.Load(), ended.Load())
				}
			})
			if begun.Load() != ended.Load() {
				t.Errorf("%d subscriptions, of which %d have ended", begun.Load(), ended.Load())
			}
		})
	}
}

// A provider need not have a way to unsubscribe.
func TestSubscriptionWithoutAnEnd(t *testing.T) {
	withSubscriber(t, func(auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
		return auth.NewBasicCredentials("me", "s3cret"), nil, nil
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		time.Sleep(time.Second)
		f.push("nonsense\r\n") // ends the link
		time.Sleep(time.Second)
		if s := w.Stats(); s.Links != 2 || !s.Pushing || strings.Contains(f.log.String(), "panic") {
			t.Errorf("%+v; want a new link:\n%s", s, f.log.String())
		}
	})
}

// What comes beside an error is not used, and the error is not said.
func TestSubscriptionThatFails(t *testing.T) {
	withSubscriber(t, func(auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
		return auth.NewBasicCredentials("me", "s3cret"), nil, errors.New("cannot use s3cret")
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		time.Sleep(time.Minute)
		if n := len(f.dialled()); n != 0 || w.Stats().Polls != 0 {
			t.Errorf("%d connections, %+v", n, w.Stats())
		}
		if text := f.log.String(); !strings.Contains(text, "the provider of the credentials failed") || strings.Contains(text, "s3cret") {
			t.Errorf("want a log that says what is wrong:\n%s", text)
		}
	})
}

// Of credentials that were renewed more than once the newest are used, and none twice.
func TestNewestCredentialsAreUsed(t *testing.T) {
	withSubscriber(t, func(l auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
		for _, password := range []string{"one", "two", "three"} {
			l.OnNext(auth.NewBasicCredentials("", password))
		}
		return auth.NewBasicCredentials("me", "s3cret"), nil, nil
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		time.Sleep(time.Second)
		if got := f.commands("AUTH"); len(got) != 1 || got[0] != "AUTH THREE" {
			t.Errorf("logged in again by %q", got)
		}
		if s := w.Stats(); s.Links != 1 || !s.Pushing {
			t.Errorf("%+v; want one link", s)
		}
	})
}

// Credentials that the server does not take cost the connection, and not the pushes: what it says of
// them is no reason to poll.
func TestRenewedCredentialsThatAreRefused(t *testing.T) {
	var subscribed atomic.Pointer[auth.CredentialsListener]
	withSubscriber(t, func(l auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
		subscribed.Store(&l)
		return auth.NewBasicCredentials("me", "s3cret"), nil, nil
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		time.Sleep(time.Second)
		f.now(except("AUTH", "-ERR there is no user of that name\r\n"))
		(*subscribed.Load()).OnNext(auth.NewBasicCredentials("you", "s3cret"))
		time.Sleep(time.Second)
		if s := w.Stats(); s.Links != 2 || !s.Pushing || s.Polls != 0 {
			t.Errorf("%+v; want another link", s)
		}
		if text := f.log.String(); !strings.Contains(text, "login: the server answered AUTH with ERR\"") {
			t.Errorf("want the code alone of what the server says:\n%s", text)
		}
	})
}

// Of what a server says of credentials only the code is shown: it may quote them.
func TestCodeAloneOfARefusedLogin(t *testing.T) {
	inBubble(t, except("HELLO 3", "-WRONGPASS there is no user of that name\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		if text := f.log.String(); !strings.Contains(text, "the server answered HELLO 3 with WRONGPASS\"") {
			t.Errorf("want the code alone of what the server says:\n%s", text)
		}
		_ = w.Close()
	})
}
