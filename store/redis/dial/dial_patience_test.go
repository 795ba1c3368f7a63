package dial_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// Patience is how long a command waits, whatever the URL says and whichever kind of Redis it is.
func TestPatience(t *testing.T) {
	const second = time.Second
	for _, url := range []string{"", "redis://localhost?read_timeout=3s", "redis://localhost?master_name=m", "redis://localhost?addr=localhost:1"} {
		cfg := dial.Config{URL: secret.New(url)}
		got := reachedBy(t, open(t, cfg, dial.Options{Patience: second}).Client())
		if got.Dial != second || got.Read != second || got.Write != second || got.Wait != second {
			t.Errorf("%q: %+v", url, got)
		}
		if got = reachedBy(t, open(t, cfg, dial.Options{Patience: -second}).Client()); got.Dial != 250*time.Millisecond {
			t.Errorf("%q, negative: %+v", url, got)
		}
	}
	relay := redistest.StartRelay(t, redistest.Start(t).Addr())
	relay.Trip(260 * time.Millisecond)
	cfg := dial.Config{URL: secret.New("redis://" + relay.Addr())}
	if err := open(t, cfg, dial.Options{Patience: 20 * second}).Client().Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}
