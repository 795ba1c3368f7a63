package fakeredis_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
)

// What a client writes of instants is as late as its clock is fast, to everybody but itself;
// nothing else of what it writes is another text.
func TestClientWhoseClockIsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fast = 90 * time.Second
		s := fakeredis.New()
		defer time.Sleep(2 * time.Second) // go-redis may sleep for one before it sees that its pool is closed
		defer s.Close()
		client := func(number int, ahead time.Duration) *goredis.Client {
			link := s.Link(number)
			link.SetClock(ahead)
			c := goredis.NewClient(&goredis.Options{
				Dialer: link.Dial, Protocol: 2, DisableIdentity: true, ContextTimeoutEnabled: true,
			})
			t.Cleanup(func() { c.Close() })
			return c
		}
		wrong, right := client(0, fast), client(1, 0)
		ms := func(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
		const seconds, micros = "2006-01-02T15:04:05", "2006-01-02T15:04:05.000000"
		now := time.Now().UTC()
		for name, c := range map[string]struct{ written, others string }{
			"milliseconds": {ms(now), ms(now.Add(fast))},
			"seconds":      {now.Format(seconds), now.Add(fast).Format(seconds)},
			"microseconds": {now.Add(time.Microsecond).Format(micros), now.Add(fast + time.Microsecond).Format(micros)},
			"a TTL":        {"3180000", "3180000"},
			"a token":      {"eyJ.1234567890123.x", "eyJ.1234567890123.x"},
			"far from now": {"1234", "1234"},
		} {
			ctx := context.Background()
			if err := wrong.HSet(ctx, "h", "field", c.written).Err(); err != nil {
				t.Fatal(err)
			}
			if got := right.HMGet(ctx, "h", "field").Val()[0]; got != c.others {
				t.Errorf("%s: others read %v, want %s", name, got, c.others)
			}
			if got := wrong.HMGet(ctx, "h", "field").Val()[0]; got != c.written {
				t.Errorf("%s: it reads %v, want %s", name, got, c.written)
			}
		}
	})
}
