package resp_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/resp"
)

// FuzzReader: what a server sends says the same whether it comes at once or byte by byte, and
// with whatever comes after it; no key and no text is longer than it was sent, or than ours are.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"+OK\r\n-ERR no\r\n:1\r\n", ">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n+b\r\n+OK\r\n", ">2\r\n$10\r\ninvalidate\r\n_\r\n+OK\r\n",
		">3\r\n+other\r\n%1\r\n+a\r\n:1\r\n#t\r\n+OK\r\n", "|1\r\n+ttl\r\n:1\r\n+OK\r\n", "*3\r\n$6\r\nmaster\r\n:1\r\n*0\r\n", "*-1\r\n$-1\r\n",
		"!6\r\nERR no\r\n", "*2\r\n*1\r\n$3\r\nabc\r\n$0\r\n\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$-1\r\n", "%-1\r\n", "$3\r\nabcXY+OK\r\n", "*+1\r\n+a\r\n",
	} {
		f.Add(seed, uint8(3))
	}
	f.Fuzz(func(t *testing.T, said string, cut uint8) {
		replies, keys := readAll(strings.NewReader(said))
		slow, slowKeys := readAll(iotest.OneByteReader(strings.NewReader(said)))
		if !slices.Equal(slow, replies) || !slices.Equal(slowKeys, keys) {
			t.Fatalf("%q is %+v, %q at once, and %+v, %q byte by byte", said, replies, keys, slow, slowKeys)
		}
		more, moreKeys := readAll(strings.NewReader(said + "+OK\r\n"))
		if len(more) < len(replies) || !slices.Equal(more[:len(replies)], replies) || !slices.Equal(moreKeys[:len(keys)], keys) {
			t.Fatalf("%q is %+v, %q, and with more after it %+v, %q", said, replies, keys, more, moreKeys)
		}
		less, lessKeys := readAll(strings.NewReader(said[:min(len(said), int(cut))]))
		if len(less) > len(replies) || !slices.Equal(less, replies[:len(less)]) || !slices.Equal(lessKeys, keys[:len(lessKeys)]) {
			t.Fatalf("%q is %+v, %q, and its beginning %+v, %q", said, replies, keys, less, lessKeys)
		}
		for _, text := range keys {
			if len(text) > 16<<10 || !strings.Contains(said, text) && text != "*" {
				t.Fatalf("%q has a key of %d bytes: %.100q", said, len(text), text)
			}
		}
		for _, r := range replies {
			if len(r.Text) > 16<<10 || !strings.Contains(said, r.Text) {
				t.Fatalf("%q has a reply of %d bytes: %.100q", said, len(r.Text), r.Text)
			}
		}
	})
}

// readAll returns the replies until the first error, and the keys before it; "*" stands for
// all keys.
func readAll(from io.Reader) (replies []resp.Reply, keys []string) {
	r := resp.NewReader(from)
	for {
		reply, err := r.Next(func(key []byte) {
			if key == nil {
				key = []byte("*")
			}
			keys = append(keys, string(key))
		})
		if err != nil {
			return replies, keys
		}
		replies = append(replies, reply)
	}
}
