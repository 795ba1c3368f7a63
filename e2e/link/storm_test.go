package link_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A program that writes the token without end costs each process a few looks, and the
// value that stands in the end is seen.
func TestStormOfWrites(t *testing.T) {
	t.Parallel()
	const writes = 20_000
	srv, fake := redistest.Start(t), newFake(t, clienttest.Options{})
	cfg := prompt(t, fake, "REDIS_URL=redis://"+srv.Addr()+"?"+unhurried)
	c := open(t, cfg)
	mustCall(t, c)
	waitUntil(t, "it is told of changes", func() bool { return regexp.MustCompile("flags=tB").MatchString(fmt.Sprint(srv.Do("CLIENT", "LIST"))) })
	writer := srv.Dial()
	srv.Do("CONFIG", "RESETSTAT")
	began, last := time.Now(), ""
	for i := range writes {
		last = "token" + strconv.Itoa(i)
		if reply, err := writer.Do("SET", cfg.TokenKey, last, "EX", "3000"); reply != "OK" {
			t.Fatal(reply, err)
		}
	}
	waitUntil(t, "the last value is seen", func() bool {
		tok, err := c.Source().Token(t.Context(), 0)
		return err == nil && tok.Reveal() == last
	})
	took := time.Since(began)
	total := 0
	for _, m := range regexp.MustCompile(`cmdstat_\S+:calls=(\d+)`).FindAllStringSubmatch(fmt.Sprint(srv.Do("INFO", "commandstats")), -1) {
		n, _ := strconv.Atoi(m[1])
		total += n
	}
	if most := 500 + 50*int(took/time.Second); total-writes > most {
		t.Errorf("%d commands for %d writes in %v, want %d at most", total-writes, writes, took, most)
	}
}
