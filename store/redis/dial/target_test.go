package dial_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// A user without a password logs in, on the connection for pushes too, and does not become
// the default user.
func TestUserWithoutPassword(t *testing.T) {
	srv := redistest.Start(t)
	admin := srv.Dial()
	defer admin.Close()
	for _, args := range [][]string{
		{"ACL", "SETUSER", "bob", "on", "nopass", "~*", "&*", "+@all"},
		{"ACL", "SETUSER", "eve", "on", ">word", "~*", "&*", "+@all"},
		{"ACL", "SETUSER", "default", "off"},
	} {
		if reply, err := admin.Do(args...); reply != "OK" {
			t.Fatal(args, reply, err)
		}
	}
	for _, cfg := range []dial.Config{
		{URL: secret.New("redis://bob@" + srv.Addr() + "/1")},
		{URL: secret.New("redis://" + srv.Addr()), Username: "bob"},
	} {
		conn := open(t, cfg, dial.Options{})
		if who, err := conn.Client().Do(t.Context(), "ACL", "WHOAMI").Text(); who != "bob" {
			t.Errorf("logged in as %q, %v", who, err)
		}
		w, err := watch.New(watch.Config{Client: conn.Client()})
		if err != nil {
			t.Fatal(err)
		}
		pushed := make(chan struct{}, 1)
		w.Follow("key", func(bool) {
			select {
			case pushed <- struct{}{}:
			default:
			}
		})
		select {
		case <-pushed:
		case <-time.After(30 * time.Second):
			t.Error("nothing is pushed")
		}
		if !w.Stats().Pushing {
			t.Error("it polls")
		}
		_ = w.Close()
	}
	for user, want := range map[string]string{"eve": "WRONGPASS", "default": "NOAUTH"} {
		conn := open(t, dial.Config{URL: secret.New("redis://" + srv.Addr()), Username: user}, dial.Options{})
		if err := conn.Client().Get(t.Context(), "key").Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", user, err, want)
		}
	}
}
