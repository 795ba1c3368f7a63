package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestRepeatPrintsTheLastBody(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	var n atomic.Int64
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, n.Add(1))
	}))
	defer api.Close()
	got := run(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), "call", "GET", "/x", "--store", "memory", "--repeat", "7")
	got.wantQuiet(t)
	if got.out != "7\n" {
		t.Errorf("prints %q, want the 7th body", got.out)
	}
}

func TestRepeatMakesAllCallsWhateverFails(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Times: 2})
	got := run(t, fake.Env(), "call", "GET", "/employees", "--store", "memory", "--repeat", "6", "--concurrency", "3")
	if got.status != 1 || got.out != employees(t, fake) {
		t.Errorf("status %d, stdout %q; want 1 and the last body", got.status, got.out)
	}
	if !strings.Contains(got.err, "API status 500") || !strings.Contains(got.err, "2 failed calls of 6") || strings.Count(got.err, "\n") != 1 {
		t.Errorf("stderr %q", got.err)
	}
	if n := fake.Counts().APICalls; n != 6+1 { // one by the test itself
		t.Errorf("%d calls, want 6", n-1)
	}
}

// TestConcurrency: as many calls as asked for are on their way together. The server
// answers none before all of them have come.
func TestConcurrency(t *testing.T) {
	const together = 5
	fake := clienttest.Start(t, clienttest.Options{})
	var come atomic.Int64
	all := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := come.Add(1); {
		case n == together:
			close(all)
		case n < together:
			select {
			case <-all:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, "1")
	}))
	defer api.Close()
	run(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), "call", "GET", "/x", "--store", "memory",
		"--repeat", "9", "--concurrency", "5").wantQuiet(t)
	if n := come.Load(); n != 9 {
		t.Errorf("%d calls, want 9", n)
	}
}

// stats is what the contract says of --stats; more fields may follow.
type stats struct {
	Calls        *int     `json:"calls"`
	TokenHits    *int     `json:"token_hits"`
	TokenWaits   *int     `json:"token_waits"`
	HitRate      *float64 `json:"hit_rate"`
	TokenFetches *int     `json:"token_fetches"`
	API401       *int     `json:"api_401"`
	RedisErrors  *int     `json:"redis_errors"`
}

// lastLine decodes the last line of stderr, which has the statistics.
func lastLine(t *testing.T, stderr string) (s stats, before string) {
	t.Helper()
	text := strings.TrimSuffix(stderr, "\n")
	i := strings.LastIndexByte(text, '\n') + 1
	if err := json.Unmarshal([]byte(text[i:]), &s); err != nil {
		t.Fatalf("%v: %q", err, stderr)
	}
	return s, stderr[:i]
}

func TestStats(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	got := run(t, append(fake.Env(), noRedis(t)...), "call", "GET", "/employees", "--repeat", "4", "--stats")
	s, before := lastLine(t, got.err)
	want := stats{Calls: new(4), TokenHits: new(3), TokenWaits: new(2), HitRate: new(0.6), TokenFetches: new(2), API401: new(1), RedisErrors: s.RedisErrors}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.status != 0 || s.RedisErrors == nil || *s.RedisErrors == 0 || strings.Count(before, "\n") != 1 {
		t.Errorf("status %d, stderr %q; want 0, Redis errors and one warning", got.status, got.err)
	}

	got = run(t, fake.Env(), "call", "GET", "/nothing", "--store", "memory", "--stats")
	if _, before := lastLine(t, got.err); got.status != 1 || !strings.Contains(before, "API status 404") {
		t.Errorf("status %d, stderr %q; want 1, and the error before the statistics", got.status, got.err)
	}
}

// TestHitRate: fifty callers that all wait for the one token request leave exactly
// 0.95 of a thousand, so no caller may wait twice, nor anybody who comes later.
func TestHitRate(t *testing.T) {
	server := redistest.Start(t)
	sandbox := startSandbox(t, "--token-latency", "1s")
	vars := append(sandbox.env, redisAt(server)...)
	for _, c := range []struct {
		name    string
		least   float64
		fetches int
	}{{"cold", 0.95, 1}, {"warm", 1, 0}} {
		got := run(t, vars, "call", "GET", "/employees", "--repeat", "1000", "--concurrency", "50", "--stats")
		s, before := lastLine(t, got.err)
		if got.status != 0 {
			t.Errorf("%s: status %d, stderr %q", c.name, got.status, before)
		}
		if *s.Calls != 1000 || *s.TokenFetches != c.fetches || *s.HitRate < c.least || *s.API401 != 0 || *s.RedisErrors != 0 || before != "" {
			t.Errorf("%s: %s", c.name, got.err)
		}
		if *s.TokenHits+*s.TokenWaits != 1000 {
			t.Errorf("%s: %d hits and %d waits", c.name, *s.TokenHits, *s.TokenWaits)
		}
	}
}

// TestTimeoutCoversToken: the wait for a slow token request counts too.
func TestTimeoutCoversToken(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{TokenLatency: time.Hour})
	run(t, fake.Env(), "call", "GET", "/employees", "--store", "memory", "--timeout", "200ms").wantFailure(t, 1, "timeout")
	run(t, append(fake.Env(), "ADVOWARE_API_TIMEOUT_SECONDS=0.2"), "call", "GET", "/employees", "--store", "memory").wantFailure(t, 1)
}

// How long the calls took is counted too, those that failed included.
func TestStatsHaveLatencies(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Latency: 20 * time.Millisecond})
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500})
	for _, args := range [][]string{{"GET", "/employees"}, {"GET", "/employees", "--repeat", "20", "--concurrency", "5"}, {"--batch"}} {
		got := runWith(t, fake.Env(), "/employees\n", append(append([]string{"call"}, args...), "--store", "memory", "--stats")...)
		last := got.err[strings.LastIndex(strings.TrimSpace(got.err), "\n")+1:]
		var s struct {
			Calls   int                `json:"calls"`
			Latency map[string]float64 `json:"latency_ms"`
		}
		if err := json.Unmarshal([]byte(last), &s); err != nil {
			t.Fatalf("%v: %q", err, got.err)
		}
		l := s.Latency
		if len(l) != 5 || l["p50"] < 20 || l["p90"] < l["p50"] || l["p99"] < l["p90"] || l["p99.9"] < l["p99"] || l["max"] < l["p99.9"] {
			t.Errorf("%q: %v", args, l)
		}
	}
}
