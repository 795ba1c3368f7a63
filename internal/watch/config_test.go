package watch_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Each field that is wrong is named, with what it is, and none that is right.
func TestConfigProblemsAreNamedAlone(t *testing.T) {
	for want, spoil := range map[string]func(*watch.Config){
		"":                    func(*watch.Config) {},
		"Client is missing":   func(c *watch.Config) { c.Client = nil },
		"Timeout is negative": func(c *watch.Config) { c.Timeout = -1 },
		"Poll is negative":    func(c *watch.Config) { c.Poll = -1 },
	} {
		cfg := watch.Config{Client: newClient(t, redisstore.Options("127.0.0.1:1"))}
		spoil(&cfg)
		w, err := watch.New(cfg)
		if err == nil {
			_ = w.Close()
		}
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), "watch: Config."+want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
