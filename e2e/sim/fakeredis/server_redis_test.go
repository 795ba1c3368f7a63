package fakeredis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/internal/redistest"
)

// source returns the scripts that store/redis runs, put together as it does.
func source(t *testing.T, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "store", "redis", name+".lua"))
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// commands draws commands as the library and those who meddle send them.
func commands(t *testing.T) *rapid.Generator[[]string] {
	const longest = 16384
	swap, remove := source(t, "fields", "swap"), source(t, "remove")
	acquire, release, prolong := source(t, "fields", "refusals", "acquire"), source(t, "refusals", "release"), source(t, "prolong")
	owners := []string{strings.Repeat("A", 26), strings.Repeat("B", 26), ""}
	token := rapid.SampledFrom([]string{"token-a", "token-b", "token-c", "", "two words"})
	owner := rapid.SampledFrom(owners)
	flag := rapid.SampledFrom([]string{"", "1"})
	key := rapid.SampledFrom([]string{"tok", "{tok}:meta", "{tok}:lock", "{tok}:failed", "{tok}:refused", "{tok}:gone", "stamp"})
	ttl := rapid.SampledFrom([]string{"100000", "290000", "5000", "400000", "0"})
	value := rapid.OneOf(token, owner, rapid.SampledFrom([]string{
		"ab12 1000000000000 60000 wrong\n", "ab12 1000000000000 60000 wrong\ncd34 1000000000000 290000 x y\n", strings.Repeat("x", longest+2),
	}))
	credentials := rapid.SampledFrom([]string{"ab12", "cd34", ""})
	text := func(n int) string { return fmt.Sprint(n) }
	return rapid.Custom(func(t *rapid.T) []string {
		switch rapid.IntRange(0, 13).Draw(t, "command") {
		case 0:
			return []string{"SET", key.Draw(t, "key"), value.Draw(t, "value"), "PX", ttl.Draw(t, "ttl")}
		case 1:
			return []string{"SET", key.Draw(t, "key"), value.Draw(t, "value")}
		case 2:
			return []string{"DEL", key.Draw(t, "key"), key.Draw(t, "other")}
		case 3:
			return []string{"HSET", key.Draw(t, "key"), "holder", owner.Draw(t, "owner"), "credentials", credentials.Draw(t, "credentials"),
				"kind", "outage", "message", "m", "token", "digest-token-a", "identity", "me"}
		case 4:
			return []string{"PEXPIRE", key.Draw(t, "key"), ttl.Draw(t, "ttl")}
		case 5:
			return []string{rapid.SampledFrom([]string{"PTTL", "GET", "TYPE", "PERSIST", "EXISTS"}).Draw(t, "read"), key.Draw(t, "key")}
		case 6:
			return []string{"RPUSH", key.Draw(t, "key"), "x"}
		case 7:
			return []string{"HMGET", key.Draw(t, "key"), "token", "identity", "none"}
		case 8:
			return []string{"GETRANGE", key.Draw(t, "key"), "0", rapid.SampledFrom([]string{"0", "64", "16384", "x"}).Draw(t, "to")}
		case 9:
			return []string{"EVAL", acquire, "5", "tok", "{tok}:meta", "{tok}:lock", "{tok}:failed", "{tok}:refused",
				text(longest), token.Draw(t, "old"), rapid.SampledFrom(owners[:2]).Draw(t, "owner"), "6000", owner.Draw(t, "holder"), credentials.Draw(t, "credentials"),
				flag.Draw(t, "force"), flag.Draw(t, "tried"), flag.Draw(t, "over"), "10000", "300000", "512", "1000000030000"}
		case 10:
			old, fresh := token.Draw(t, "old"), rapid.SampledFrom([]string{"token-a", "token-b", "token-c"}).Draw(t, "new")
			return []string{"EVAL", swap, "5", "tok", "{tok}:meta", "{tok}:gone", "stamp", "{tok}:lock",
				text(longest), old, "digest-" + old, "me", fresh, ttl.Draw(t, "ttl"), owner.Draw(t, "owner"), rapid.SampledFrom([]string{"", "2026-01-01T00:00:00"}).Draw(t, "stamp"),
				"digest-" + fresh, rapid.SampledFrom([]string{"me", "you"}).Draw(t, "identity"), "110000", "1000000000000", flag.Draw(t, "back")}
		case 11:
			return []string{"EVAL", remove, "3", "tok", "{tok}:meta", rapid.SampledFrom([]string{"{tok}:gone", "{tok}:meta"}).Draw(t, "gone"),
				text(longest), token.Draw(t, "old"), ttl.Draw(t, "ttl")}
		case 12:
			return []string{"EVAL", prolong, "1", "{tok}:lock", owner.Draw(t, "owner"), "6000"}
		default:
			return []string{"EVAL", release, "3", "{tok}:lock", "{tok}:failed", "{tok}:refused", owner.Draw(t, "owner"), ttl.Draw(t, "pause"),
				credentials.Draw(t, "credentials"), rapid.SampledFrom([]string{"refused", "outage"}).Draw(t, "kind"), "why", "1000000010000", "300000", "512"}
		}
	})
}

// TestAnswersAsARealServer sends the same commands to both, and compares the answers.
func TestAnswersAsARealServer(t *testing.T) {
	real := redistest.Start(t)
	line := real.Dial()
	one := commands(t)
	rapid.Check(t, func(t *rapid.T) {
		fake := fakeredis.New()
		defer fake.Close()
		if _, err := line.Do("FLUSHALL"); err != nil {
			t.Fatal(err)
		}
		for _, args := range rapid.SliceOfN(one, 1, 30).Draw(t, "commands") {
			want, err := line.Do(args...)
			if err != nil {
				t.Fatal(err)
			}
			got := fake.Do(0, redistest.DB, args...)
			if !alike(got, want) {
				t.Fatalf("%.60q: %.200q, a real server says %.200q", args, got, want)
			}
		}
	})
}
