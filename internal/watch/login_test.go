package watch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/watch"
)

// Credentials come from where the client has them, and are in no log.
func TestLogsIn(t *testing.T) {
	streaming := &streamed{next: make(chan auth.CredentialsListener, 1), gone: make(chan bool, 1)}
	for name, tt := range map[string]struct {
		set  func(*goredis.Options)
		want string
	}{
		"nothing":  {func(*goredis.Options) {}, "HELLO 3"},
		"password": {func(o *goredis.Options) { o.Password = "s3cret" }, "HELLO 3 AUTH DEFAULT S3CRET"},
		"user":     {func(o *goredis.Options) { o.Username, o.Password = "me", "s3cret" }, "HELLO 3 AUTH ME S3CRET"},
		"provider": {func(o *goredis.Options) {
			o.CredentialsProvider = func() (string, string) { return "me", "s3cret" }
		}, "HELLO 3 AUTH ME S3CRET"},
		"provider with context": {func(o *goredis.Options) {
			o.CredentialsProviderContext = providing("me", "s3cret", nil)
		}, "HELLO 3 AUTH ME S3CRET"},
		"streaming": {func(o *goredis.Options) { o.StreamingCredentialsProvider = streaming }, "HELLO 3 AUTH ME S3CRET"},
		"provider that fails": {func(o *goredis.Options) {
			o.CredentialsProviderContext = providing("", "", errors.New("cannot use s3cret"))
		}, ""},
		"provider that panics": {func(o *goredis.Options) {
			o.CredentialsProvider = func() (string, string) { panic("s3cret") }
		}, ""},
	} {
		for how, reply := range map[string]string{
			"accepted": "%0\r\n",
			"refused":  "-WRONGPASS invalid username-password pair\r\n",
			"quoted":   "-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 's3cret'\r\n",
			"told":     "-ERR there is no user with s3cret\r\n",
			"echoed":   "-s3cret HELLO s3cret\r\n",
			"blob":     "!12\r\nAUTH s3cret!\r\n",
			"upper":    "-S3CRET\r\n",
			"status":   "+s3cret\r\nnonsense s3cret\r\n",
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				log := new(logged)
				synctest.Test(t, func(t *testing.T) {
					f := newFake(t, except("HELLO 3", reply))
					o := f.options()
					tt.set(o)
					client := goredis.NewClient(o)
					w := newWatch(t, client, watch.Config{Logger: log.logger()})
					c := newCalls()
					w.Follow("tok", c.changed)
					time.Sleep(time.Second)
					if n := len(f.times("HELLO 3")); (n > 0) != (tt.want != "") || n != len(f.times(tt.want)) && n > 0 {
						t.Errorf("%d greetings, %d with the credentials", n, len(f.times(tt.want)))
					}
					if tt.want == "HELLO 3" && len(f.times("HELLO 3 AUTH")) > 0 {
						t.Error("logged in as nobody")
					}
					if name == "streaming" && how == "accepted" {
						(<-streaming.next).OnNext(auth.NewBasicCredentials("me", "s3cret-2"))
						time.Sleep(time.Second)
						if len(f.times("AUTH ME S3CRET-2")) != 1 || w.Stats().Links != 1 {
							t.Errorf("new credentials were not used: %v", f.asked)
						}
					}
					_ = w.Close()
					_ = client.Close()
					_ = f.ln.Close()
				})
				if name == "streaming" {
					<-streaming.gone
					select {
					case <-streaming.next:
					default:
					}
				}
				if text := strings.ToLower(log.String()); strings.Contains(text, "s3cret") || text == "" {
					t.Errorf("no log, or one that has the password:\n%s", text)
				}
			})
		}
	}
}

// What a server says later does not show the password either.
func TestPasswordIsRepeatedLater(t *testing.T) {
	log := new(logged)
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("CLIENT TRACKING", "-ERR you once said s3cret\r\n"))
		o := f.options()
		o.Username, o.Password = "me", "s3cret"
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{Logger: log.logger()})
		w.Follow("tok", newCalls().changed)
		time.Sleep(time.Second)
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
	if text := log.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "you once said") {
		t.Errorf("no log, or one that has the password:\n%s", text)
	}
}

func providing(username, password string, err error) func(context.Context) (string, string, error) {
	return func(context.Context) (string, string, error) { return username, password, err }
}

// streamed is a provider whose credentials change.
type streamed struct {
	next chan auth.CredentialsListener
	gone chan bool
}

func (s *streamed) Subscribe(l auth.CredentialsListener) (auth.Credentials, auth.UnsubscribeFunc, error) {
	select {
	case s.next <- l:
	default:
	}
	return auth.NewBasicCredentials("me", "s3cret"), func() error {
		select {
		case s.gone <- true:
		default:
		}
		return nil
	}, nil
}
