package redis_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
)

// Whatever a server answers, the group ends in time, and says something of each thing.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for _, answer := range []string{
		"+OK", ":1", ":-1", "$-1", "*-1", "*0", "$0\r\n", "_", "#t", ",1.5", "(12345678901234567890", "*1\r\n*1\r\n*1\r\n:1", "%1\r\n+a\r\n+b",
		"*2\r\n$1\r\nx\r\n$-1", "-", "-ERR", "-NOPERM", "-NOPERM x 'ping' y", "-MOVED 1 127.0.0.1:1", "-ASK 1 127.0.0.1:1", "-READONLY x", "-OOM x",
		"-ERR unknown command", "$5\r\n\xff\x00\r\n\x1b", "*3\r\n+slave\r\n:1\r\n+x", ">2\r\n+invalidate\r\n_", "|1\r\n+a\r\n+b\r\n+OK", "!3\r\nERR", "=7\r\ntxt:abc", "",
	} {
		url := "redis://" + answering(t, answer, nil)
		all.Go(func() { // most of them wait, so that they need not take turns
			began := time.Now()
			found := look(t, at(url))
			names := make(map[string]bool)
			for _, c := range found {
				names[c.Name] = true
				if c.Name == "identity" && c.Status == check.Failure && !strings.Contains(answer, "$1\r\nx") {
					t.Errorf("%q: %+v", answer, c)
				}
			}
			if len(names) != 12 || time.Since(began) > 20*time.Second {
				t.Errorf("%q: %d checks after %v: %+v", answer, len(names), time.Since(began), found)
			}
		})
	}
	all.Wait()
}
