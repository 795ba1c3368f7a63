package resp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/resp"
)

func TestReader(t *testing.T) {
	const invalidate = ">2\r\n$10\r\ninvalidate\r\n"
	long := strings.Repeat("x", 16<<10+1)
	for name, tt := range map[string]struct {
		in     string
		keys   []string // "*" stands for all keys
		reply  resp.Reply
		broken bool
	}{
		"status":              {in: "+OK\r\n", reply: resp.Reply{Text: "OK"}},
		"error":               {in: "-ERR no\r\n", reply: resp.Reply{Failed: true, Text: "ERR no"}},
		"blob error":          {in: "!6\r\nERR no\r\n", reply: resp.Reply{Failed: true, Text: "ERR no"}},
		"role":                {in: "*3\r\n$6\r\nmaster\r\n:1\r\n*0\r\n", reply: resp.Reply{Text: "master"}},
		"keys before a reply": {in: invalidate + "*2\r\n$1\r\na\r\n+b\r\n+OK\r\n", keys: []string{"a", "b"}, reply: resp.Reply{Text: "OK"}},
		"all keys":            {in: invalidate + "_\r\n" + invalidate + "*-1\r\n+OK\r\n", keys: []string{"*", "*"}, reply: resp.Reply{Text: "OK"}},
		"a key that is long":  {in: invalidate + "*2\r\n$16385\r\n" + long + "\r\n+b\r\n+OK\r\n", keys: []string{"", "b"}, reply: resp.Reply{Text: "OK"}},
		"another push":        {in: ">3\r\n+other\r\n%1\r\n+a\r\n:1\r\n#t\r\n+OK\r\n", reply: resp.Reply{Text: "OK"}},
		"attribute":           {in: "|1\r\n+ttl\r\n:1\r\n+OK\r\n", reply: resp.Reply{Text: "OK"}},
		"number for keys":     {in: invalidate + ":7\r\n+OK\r\n", broken: true},
		"unknown type":        {in: invalidate + "*1\r\n?x\r\n+OK\r\n", broken: true},
		"too many keys":       {in: invalidate + "*9999999999\r\n+OK\r\n", broken: true},
		"too deep":            {in: strings.Repeat("*1\r\n", 100), broken: true},
		"nothing":             {in: "", broken: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := resp.NewReader(strings.NewReader(tt.in))
			var keys []string
			reply, err := r.Next(func(key []byte) {
				if key == nil {
					key = []byte("*")
				}
				keys = append(keys, string(key))
			})
			if (err != nil) != tt.broken || !tt.broken && reply != tt.reply {
				t.Errorf("%+v, %v; want %+v, broken %v", reply, err, tt.reply, tt.broken)
			}
			if !slices.Equal(keys, tt.keys) {
				t.Errorf("keys %q, want %q", keys, tt.keys)
			}
		})
	}
}
