package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos/trace"
)

// look returns each key of the database with its TTL, its type and, if it is a
// string, its value, all of one instant.
const look = trace.ReadsOnly + `
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind, value = redis.call('TYPE', key).ok, ''
  if kind == 'string' then value = redis.call('GET', key) end
  all[#all + 1] = {key, redis.call('PTTL', key), kind, value}
end
return all`

// sampler looks into Redis a thousand times a second, by a connection that knows
// nothing of the client, and notes what must never be seen there.
type sampler struct {
	fake   *clienttest.Server
	rdb    goredis.UniversalClient
	owners map[string]string // whose tokens a key is for: Kanzlei by key

	mu     sync.Mutex
	poison map[string]string // what the test itself put under a key
	issued map[string]string // Kanzlei by token, "" if the fake does not know it
	looks  int
	wrong  map[string]int // by text
}

// sample starts a sampler, which ends with the test.
func sample(t testing.TB, w *world, owners map[string]string) *sampler {
	s := &sampler{
		fake: w.fake, rdb: w.plain(), owners: owners,
		poison: make(map[string]string), issued: make(map[string]string), wrong: make(map[string]int),
	}
	ctx, stop := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			s.look(ctx)
			<-tick.C
		}
	})
	t.Cleanup(func() {
		stop()
		looking.Wait()
		_ = s.rdb.Close()
	})
	return s
}

// look looks once. A Redis that does not answer has nothing to show.
func (s *sampler) look(ctx context.Context) {
	keys, err := s.rdb.Eval(ctx, look, nil).Slice()
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	for _, entry := range keys {
		entry := entry.([]any)
		s.judge(entry[0].(string), entry[1].(int64), entry[2].(string), entry[3].(string))
	}
}

func (s *sampler) judge(key string, pttl int64, kind, value string) {
	owner, isToken := s.owners[key]
	if poison, poisoned := s.poison[key]; isToken && poisoned && value == poison {
		return
	}
	if pttl < 0 {
		s.wrong[fmt.Sprintf("%s has no TTL", key)]++
	}
	if !isToken {
		return
	}
	if kind != "string" {
		s.wrong[fmt.Sprintf("%s is a %s", key, kind)]++
		return
	}
	whose, known := s.issued[value]
	if !known {
		whose = s.whose(value)
		s.issued[value] = whose
	}
	if whose != owner {
		s.wrong[fmt.Sprintf("%s holds %d bytes (%s) that are a token of %q", key, len(value), fingerprint(value), whose)]++
	}
}

// whose asks the fake to whom a valid token belongs: the Kanzlei, "" if it is none.
func (s *sampler) whose(text string) string {
	if fingerprint(text) == "" {
		return ""
	}
	req, _ := http.NewRequest(http.MethodGet, s.fake.BaseURL()+"api/v1/Echo", nil)
	req.Header.Set("Authorization", "Bearer "+text)
	resp, err := s.fake.Client().Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var echo clienttest.Echo
	_ = json.NewDecoder(resp.Body).Decode(&echo)
	return echo.Identity["Kanzlei"]
}

// excuse says that the test is about to put something under a token key that has no
// place there; the value of anything but a string is "".
func (s *sampler) excuse(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.poison[key] = value
}

// report returns how often it looked, and all that was wrong since the last report.
func (s *sampler) report() (looks int, wrong map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wrong, s.wrong = s.wrong, make(map[string]int)
	return s.looks, wrong
}
