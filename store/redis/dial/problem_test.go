package dial_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// Open names everything that is wrong, and fields as Go code or as its caller does.
func TestOpenNamesEveryProblem(t *testing.T) {
	cfg := dial.Config{
		URL: secret.New("redis://redis.example/2"), Host: "h", DB: new(3), CAFile: "x", Timeout: -1, Port: -1,
	}
	theirs := func(field string) string { return "my_" + field }
	for prefix, name := range map[string]func(string) string{"Config.": nil, "my_": theirs} {
		_, err := dial.Open(cfg, dial.Options{Name: name})
		for _, want := range []string{
			"URL is neither", "AllowRemote", "Host says something else than " + prefix + "URL", "DB says", "CAFile is", "Timeout must", "Port is",
		} {
			if err == nil || !strings.Contains(err.Error(), prefix+want) {
				t.Errorf("%v does not say %q", err, prefix+want)
			}
		}
		if got, want := len(cfg.Problems(name)), 7; got != want {
			t.Errorf("%d problems, want %d", got, want)
		}
	}
}
