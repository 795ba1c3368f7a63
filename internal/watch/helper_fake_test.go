package watch_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// What a fakeRedis may do instead of answering.
const (
	silence = ""
	hangUp  = "hang up"
)

// fakeRedis answers as the test says, in virtual time, and records all commands and
// dials.
type fakeRedis struct {
	net    pipenet.Network
	ln     *pipenet.Listener
	start  time.Time
	log    logged // of a Watch
	mu     sync.Mutex
	answer func(args []string) string
	asked  []asked
	dials  []time.Duration
	conns  map[net.Conn]bool
}

// asked is a command and when it came.
type asked struct {
	cmd string
	at  time.Duration
}

// working answers as a server that has everything.
func working(args []string) string {
	switch args[0] {
	case "HELLO":
		return "%1\r\n$5\r\nproto\r\n:3\r\n"
	case "PING":
		return "+PONG\r\n"
	case "GETRANGE":
		return "$5\r\nvalue\r\n"
	}
	return "+OK\r\n"
}

// except answers one command in another way.
func except(command, reply string) func([]string) string {
	return func(args []string) string {
		if strings.HasPrefix(strings.ToUpper(strings.Join(args, " ")), command) {
			return reply
		}
		return working(args)
	}
}

func newFake(t testing.TB, answer func([]string) string) *fakeRedis {
	f := &fakeRedis{answer: answer, start: time.Now(), conns: make(map[net.Conn]bool)}
	f.listen(t)
	return f
}

func (f *fakeRedis) listen(t testing.TB) {
	ln, err := f.net.Listen("redis:6379")
	if err != nil {
		t.Fatal(err)
	}
	f.ln = ln
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go f.serve(c)
		}
	}()
}

// options are for a client that speaks to the fake.
func (f *fakeRedis) options() *goredis.Options {
	o := redisstore.Options("redis:6379")
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		f.mu.Lock()
		f.dials = append(f.dials, time.Since(f.start))
		f.mu.Unlock()
		return f.net.DialContext(ctx, network, addr)
	}
	return o
}

func (f *fakeRedis) serve(c net.Conn) {
	defer c.Close()
	f.mu.Lock()
	f.conns[c] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	in := bufio.NewReader(c)
	for {
		args := readCommand(in)
		if len(args) == 0 {
			return
		}
		f.mu.Lock()
		f.asked = append(f.asked, asked{strings.ToUpper(strings.Join(args, " ")), time.Since(f.start)})
		args[0] = strings.ToUpper(args[0])
		reply := f.answer(args)
		f.mu.Unlock()
		if reply == hangUp {
			return
		}
		_, _ = io.WriteString(c, reply)
	}
}

// readCommand returns nil at the end.
func readCommand(in *bufio.Reader) []string {
	number := func() int {
		line, _ := in.ReadString('\n')
		if len(line) < 2 {
			return 0
		}
		n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
		return n
	}
	args := make([]string, number())
	for i := range args {
		b := make([]byte, number()+2)
		_, _ = io.ReadFull(in, b)
		args[i] = string(b[:len(b)-2])
	}
	return args
}

// now changes how it answers.
func (f *fakeRedis) now(answer func([]string) string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// push sends something on every connection.
func (f *fakeRedis) push(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		_, _ = io.WriteString(c, text)
	}
}

// times returns when a command was asked.
func (f *fakeRedis) times(command string) []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []time.Duration
	for _, a := range f.asked {
		if strings.HasPrefix(a.cmd, command) {
			found = append(found, a.at)
		}
	}
	return found
}

// commands returns those that begin with command, in upper case.
func (f *fakeRedis) commands(command string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []string
	for _, a := range f.asked {
		if strings.HasPrefix(a.cmd, command) {
			found = append(found, a.cmd)
		}
	}
	return found
}

func (f *fakeRedis) dialled() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.dials)
}

func (f *fakeRedis) open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

// inBubble runs a test in virtual time with a fake server. Whatever runs at the end
// fails it.
func inBubble(t *testing.T, answer func([]string) string, test func(*testing.T, *fakeRedis, *watch.Watch)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, answer)
		client := goredis.NewClient(f.options())
		w := newWatch(t, client, watch.Config{Logger: f.log.logger()})
		test(t, f, w)
		_ = client.Close()
		_ = f.ln.Close()
	})
}

const push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\ntok\r\n"
