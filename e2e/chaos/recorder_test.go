package chaos_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/e2e/chaos/trace"
	"github.com/advoware-go/advoware/internal/redistest"
)

// recorder writes down what a Redis carries out, for package trace. It begins anew when its
// connection is lost, at the address where Redis is by then.
type recorder struct {
	t    testing.TB
	path string
	over chan struct{} // closed when it has ended

	mu        sync.Mutex
	file      *os.File
	addr      string
	conn      net.Conn
	ended     bool
	snapshots int
	seen      string // the last snapshot among the commands
}

// record begins to record what the server at addr carries out.
func record(t testing.TB, path, addr string) *recorder {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{t: t, path: path, file: file, addr: addr, over: make(chan struct{})}
	first := make(chan struct{})
	go r.run(sync.OnceFunc(func() { close(first) }))
	t.Cleanup(r.end)
	select {
	case <-first:
	case <-time.After(patience):
		t.Fatal("what Redis carries out cannot be recorded")
	}
	return r
}

// run records until the end, over one connection after another.
func (r *recorder) run(begun func()) {
	defer close(r.over)
	for ; r.goesOn(); <-time.After(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", r.where(), time.Second)
		if err != nil {
			continue
		}
		if r.keep(conn) {
			r.follow(conn, begun)
		}
		_ = conn.Close()
	}
}

func (r *recorder) goesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.ended
}

func (r *recorder) where() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addr
}

// keep makes conn the connection that the end closes.
func (r *recorder) keep(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conn = conn
	return !r.ended
}

// follow records what comes through one connection.
func (r *recorder) follow(conn net.Conn, begun func()) {
	if _, err := conn.Write([]byte("MONITOR\r\n")); err != nil {
		return
	}
	lines := bufio.NewReaderSize(conn, 1<<16)
	if ok, err := lines.ReadString('\n'); err != nil || ok != "+OK\r\n" {
		return
	}
	r.write(trace.Began)
	defer r.write(trace.Ended)
	go func() {
		if again := r.tried() > 0; again {
			_, _ = r.do("SCRIPT", "FLUSH") // the sources of scripts may have been missed: they are sent again
		}
		r.on()
		begun()
	}()
	var filter trace.Filter
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(strings.TrimPrefix(line, "+"), "\r\n")
		if filter.Drops(line) {
			continue
		}
		r.write(line)
		if name, is := trace.SnapshotIn(line); is {
			r.mu.Lock()
			r.seen = name
			r.mu.Unlock()
		}
	}
}

// tried returns how many snapshots have been tried.
func (r *recorder) tried() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snapshots
}

func (r *recorder) write(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.file.WriteString(line + "\n"); err != nil && !r.ended {
		r.t.Errorf("what Redis carries out cannot be written down: %v", err)
	}
}

// on takes a snapshot and returns its name: from here on it is known what Redis has. If Redis does
// not answer, that is "", and the next one counts.
func (r *recorder) on() string {
	r.mu.Lock()
	r.snapshots++
	name := fmt.Sprint(r.snapshots)
	r.mu.Unlock()
	answer, err := r.do("EVAL", trace.SnapshotScript, 0, name, tokenKey+"\n"+otherKey)
	text, is := answer.(string)
	if err != nil || !is {
		return ""
	}
	r.write(trace.Snapshot + " " + name + " " + text)
	return name
}

// off notes that something happens to Redis that no command tells.
func (r *recorder) off() { _, _ = r.do("ECHO", trace.Off) }

// move tells where Redis is from now on; "" is nowhere.
func (r *recorder) move(addr string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addr = addr
	_ = r.conn.Close()
}

func (r *recorder) do(args ...any) (any, error) {
	c := goredis.NewClient(&goredis.Options{
		Addr: r.where(), DB: redistest.DB, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second, ReadTimeout: 2 * time.Second,
	})
	defer c.Close()
	return c.Do(context.Background(), args...).Result()
}

// end ends the record.
func (r *recorder) end() {
	r.mu.Lock()
	was := r.ended
	r.ended = true
	if r.conn != nil {
		_ = r.conn.Close()
	}
	r.mu.Unlock()
	<-r.over
	if !was {
		_ = r.file.Close()
	}
}

// check ends the record, and has it checked. The API refused the tokens with these fingerprints.
// A record that misses the end says nothing about what came before it.
func (r *recorder) check(refused map[string]bool) trace.Verdict {
	r.t.Helper()
	last := r.on()
	seen := last != "" && within(patience, func() bool { // its line comes over another connection than its answer
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.seen == last
	})
	r.end()
	file, err := os.Open(r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer file.Close()
	verdict, err := trace.Check(file, func(token string) bool { return refused[fingerprint(token)] })
	if err != nil {
		r.t.Fatalf("%s: %v", r.path, err)
	}
	if !seen && !r.t.Failed() { // one that has failed may have left anything behind
		verdict.Missing = append(verdict.Missing, "Redis was not recorded in the end: where did it go?")
	}
	return verdict
}
