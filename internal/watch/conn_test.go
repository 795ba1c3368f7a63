package watch_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The tracking connection is as safe as the client's own.
func TestTLS(t *testing.T) {
	ca := redistest.NewCA(t)
	srv := redistest.StartTLS(t, ca)
	pair, err := tls.LoadX509KeyPair(ca.Issue("client"))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(ca.File())
	if err != nil {
		t.Fatal(err)
	}
	o := patient(srv.Addr())
	o.TLSConfig = &tls.Config{RootCAs: x509.NewCertPool(), Certificates: []tls.Certificate{pair}}
	o.TLSConfig.RootCAs.AppendCertsFromPEM(pem)
	w := newWatch(t, newClient(t, o), watch.Config{})
	c := follow(t, w, tokenKey)
	srv.Do("SET", tokenKey, "x")
	c.await(t, false)
	if s := w.Stats(); s.Links != 1 || s.Polls != 0 {
		t.Errorf("%+v; want a link", s)
	}
}

// One right is enough to be pushed to, without any on keys.
func TestNeedsOneRight(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "watcher", "on", ">s3cret", "resetkeys", "-@all", "+client|tracking")
	o := redisstore.Options(srv.Addr())
	o.Username, o.Password = "watcher", "s3cret"
	w := newWatch(t, newClient(t, o), watch.Config{})
	c := follow(t, w, tokenKey)
	eventually(t, "it is asked whether it lives", func() bool {
		list, _ := srv.Do("CLIENT", "LIST").(string)
		return strings.Contains(list, "cmd=ping user=watcher")
	})
	srv.Do("SET", tokenKey, "x")
	c.await(t, false)
	if s := w.Stats(); s.Links != 1 || s.Polls != 0 {
		t.Errorf("%+v; want a link", s)
	}
}

// A server that refuses ROLE is pinged; one that does not know its role counts as a master.
func TestRoleIsNotNeeded(t *testing.T) {
	for _, reply := range []string{
		"-NOPERM this user has no permissions to run the 'role' command\r\n", "-ERR unknown command 'ROLE'\r\n",
		"+OK\r\n", "*0\r\n", "*-1\r\n", "*2\r\n:1\r\n*1\r\n$3\r\nabc\r\n", "$-1\r\n", "*1\r\n$-1\r\n", "_\r\n",
	} {
		t.Run(reply, func(t *testing.T) {
			inBubble(t, except("ROLE", reply), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(time.Minute)
				if s := w.Stats(); s.Links != 1 || !s.Pushing {
					t.Errorf("%+v; want one link", s)
				}
				if n := len(f.times("ROLE")); reply[0] == '-' && (n != 1 || len(f.times("PING")) < 20) {
					t.Errorf("asked %d times for what is refused", n)
				}
				_ = w.Close()
			})
		})
	}
}
