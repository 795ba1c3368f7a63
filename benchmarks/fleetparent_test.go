package benchmarks

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
)

// fleet is a number of processes, a gateway in this one, and a Redis.
type fleet struct {
	tb        testing.TB
	scope     *scope
	latency   time.Duration // of a token request, without the round's addition
	lasts     atomic.Int64  // what it takes in this round, in ns
	members   []*member
	redis     *redistest.Conn // nil if nobody asks it
	requests  atomic.Int64
	asked     atomic.Int64 // when the first request arrived, in ns since 1970
	killFirst bool
}

// member is a process of a fleet: this test binary once more. It reads orders, a line
// each, and answers each with a line of JSON.
type member struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	says   *bufio.Reader
	killed atomic.Bool
}

// startFleet starts the processes; nothing is measured yet.
func startFleet(tb testing.TB, lock string, processes, goroutines int, latency time.Duration) *fleet {
	f := &fleet{tb: tb, scope: &scope{TB: tb}, latency: latency}
	order := fleetOrder{Lock: lock, Goroutines: goroutines, TokenURL: f.gateway()}
	if lock != "none" {
		server := redistest.Start(f.scope)
		f.redis, order.Redis = server.Dial(), server.Addr()
	}
	for range processes {
		order.Member = len(f.members)
		f.members = append(f.members, f.start(order))
	}
	return f
}

func (f *fleet) start(order fleetOrder) *member {
	m := &member{cmd: exec.Command(must(os.Executable()))}
	m.cmd.Env = append(os.Environ(), fleetEnv+"="+string(must(json.Marshal(order))))
	m.cmd.Stderr = os.Stderr
	m.orders = must(m.cmd.StdinPipe())
	m.says = bufio.NewReader(must(m.cmd.StdoutPipe()))
	if err := m.cmd.Start(); err != nil {
		f.tb.Fatal(err)
	}
	f.scope.Cleanup(func() {
		_ = m.orders.Close() // it ends
		_ = m.cmd.Wait()
	})
	return m
}

func (f *fleet) stop() { f.scope.end() }

// gateway starts the token endpoint and returns its URL.
func (f *fleet) gateway() string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		arrived := time.Now()
		first := f.requests.Add(1) == 1
		if first {
			f.asked.Store(arrived.UnixNano())
		}
		wait := time.After(time.Duration(f.lasts.Load()))
		_, _ = io.Copy(io.Discard, req.Body)
		if first && f.killFirst {
			m := f.members[must(strconv.Atoi(req.Header.Get(memberHeader)))]
			m.killed.Store(true)
			_ = m.cmd.Process.Kill()
			return
		}
		<-wait
		fmt.Fprintf(w, tokenAnswer, tokenText)
	}))
	f.scope.Cleanup(server.Close)
	return server.URL
}

// round is one cold start with token requests that take longer by the addition.
func (f *fleet) round(addition time.Duration) fleetRound {
	latency := f.latency + addition
	f.lasts.Store(int64(latency))
	if f.redis != nil {
		must(f.redis.Do("FLUSHALL"))
	}
	f.tell("open")
	before := trafficOf(f.redis)
	f.requests.Store(0)
	var waited []time.Duration
	began := time.Now()
	for _, text := range f.tell("go") {
		var mine fleetAnswer
		if err := json.Unmarshal([]byte(text), &mine); err != nil || mine.Err != "" {
			f.tb.Fatalf("a process says %.200q: %v", text, err)
		}
		waited = append(waited, mine.Waited...)
	}
	after := trafficOf(f.redis)
	f.tell("close")
	slices.Sort(waited)
	return fleetRound{
		slowest: quantile(waited, 1) - latency, p99: quantile(waited, 0.99) - latency, median: quantile(waited, 0.5) - latency,
		asked:    time.Unix(0, f.asked.Load()).Sub(began),
		requests: int(f.requests.Load()),
		trips:    after.trips - before.trips, commands: after.commands - before.commands,
	}
}

// tell gives all processes that live an order, and returns what they answer.
func (f *fleet) tell(order string) []string {
	for _, m := range f.members {
		if !m.killed.Load() {
			_, _ = io.WriteString(m.orders, order+"\n")
		}
	}
	answers := make([]string, len(f.members))
	var all sync.WaitGroup
	for i, m := range f.members {
		if m.killed.Load() {
			continue
		}
		all.Go(func() {
			text, err := m.says.ReadString('\n')
			if err != nil && !m.killed.Load() {
				f.tb.Errorf("process %d is gone: %v", i, err)
			}
			answers[i] = text
		})
	}
	all.Wait()
	return slices.DeleteFunc(answers, func(text string) bool { return text == "" })
}

// traffic is what Redis was asked so far.
type traffic struct{ trips, commands int }

var (
	readsLine   = regexp.MustCompile(`total_reads_processed:(\d+)`)
	commandLine = regexp.MustCompile(`cmdstat_(\S+):calls=(\d+)`)
)

// trafficOf asks the server. A trip is something that it read; what sets a connection
// up is taken off, each such command being a trip of its own. So is this question.
func trafficOf(redis *redistest.Conn) (t traffic) {
	if redis == nil {
		return t
	}
	info, _ := must(redis.Do("INFO", "everything")).(string)
	if m := readsLine.FindStringSubmatch(info); m != nil {
		t.trips = must(strconv.Atoi(m[1]))
	}
	for _, m := range commandLine.FindAllStringSubmatch(info, -1) {
		calls := must(strconv.Atoi(m[2]))
		if setsUp(m[1]) {
			t.trips -= calls
		} else {
			t.commands += calls
		}
	}
	return t
}

func setsUp(command string) bool {
	return slices.Contains([]string{"hello", "auth", "select", "ping", "info", "subscribe", "psubscribe", "ssubscribe"}, command) ||
		strings.HasPrefix(command, "client|")
}
