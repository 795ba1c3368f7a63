package pipe_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/pipenet"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

// faraway is a server that answers each command with 1, a round trip later. The time starts when
// a connection is asked for. It has the scripts that were brought. Use it in a synctest bubble.
type faraway struct {
	trip time.Duration

	mu      sync.Mutex
	scripts map[string]bool
	brought int
}

// dial makes a connection, which costs a round trip too.
func (f *faraway) dial(context.Context, string, string) (net.Conn, error) {
	time.Sleep(f.trip)
	near, far := pipenet.Pair()
	due := make(chan reply, 1<<12)
	go func() {
		defer far.Close()
		for r := range due {
			time.Sleep(time.Until(r.at))
			if _, err := io.WriteString(far, r.text); err != nil {
				break
			}
		}
		for range due {
		}
	}()
	go func() {
		defer close(due)
		in := bufio.NewReader(far)
		for args, err := command(in); err == nil; args, err = command(in) {
			due <- reply{time.Now().Add(f.trip), f.answer(args)}
		}
	}()
	return near, nil
}

func (f *faraway) answer(args []string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch strings.ToUpper(args[0]) {
	case "HELLO":
		return "*0\r\n"
	case "EVAL":
		f.scripts[fmt.Sprintf("%x", sha1.Sum([]byte(args[1])))] = true
		f.brought++
	case "EVALSHA":
		if !f.scripts[args[1]] {
			return "-NOSCRIPT No matching script.\r\n"
		}
	}
	return ":1\r\n"
}

// reply is due at a time.
type reply struct {
	at   time.Time
	text string
}

// command reads a command.
func command(in *bufio.Reader) (args []string, err error) {
	count, err := number(in)
	for range count {
		size, err := number(in)
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+len("\r\n"))
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, err
		}
		args = append(args, string(text[:size]))
	}
	return args, err
}

func number(in *bufio.Reader) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

// Hundreds of callers at once all have their answer within the time of a call, from a server
// that is far away and to which there is no connection yet. What they wait for until there is one
// is their turn, not the server.
func TestCallersOfADistantServerWaitForTheirTurn(t *testing.T) {
	const (
		callers     = 256
		connections = 4
		trip        = 50 * time.Millisecond
		allowed     = 250 * time.Millisecond
	)
	for _, c := range []struct {
		name  string
		warm  bool          // there is a connection
		first time.Duration // that one caller, who makes the first connection, waits for the server
	}{
		{"no connection", false, 4 * trip}, // to dial, HELLO, SELECT and the command
		{"one connection", true, trip},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := redisstore.Options("far away")
				server := &faraway{trip: trip, scripts: make(map[string]bool)}
				o.Dialer = server.dial
				client := goredis.NewClient(o)
				defer time.Sleep(time.Second) // what is on its way arrives
				defer client.Close()
				if c.warm {
					_ = client.Ping(t.Context()).Err()
				}
				p := pipe.New(client, 5*time.Second, true)
				var all sync.WaitGroup
				var mu sync.Mutex
				asked := make(map[string]int)
				for range callers {
					all.Go(func() {
						for round := range 10 {
							ctx := farwait.Fresh(t.Context(), time.Minute)
							began := time.Now()
							if err := p.Run(ctx, incr, []string{"n"}).Err(); err != nil {
								t.Errorf("round %d: %v", round, err)
								return
							}
							waited := time.Since(began)
							if waited > allowed {
								t.Errorf("round %d: the answer came after %v", round, waited)
							}
							mu.Lock()
							asked[fmt.Sprint(waited-farwait.Queued(ctx))]++
							mu.Unlock()
						}
					})
				}
				all.Wait()
				if delete(asked, trip.String()); !c.warm {
					if asked[c.first.String()] != 1 {
						t.Errorf("%d callers made the first connection", asked[c.first.String()])
					}
					delete(asked, c.first.String())
				}
				if server.brought > connections {
					t.Errorf("the script was sent %d times, over %d connections", server.brought, connections)
				}
				if len(asked) > 0 {
					t.Errorf("waits for the server other than the round trip of %v, and how many: %v", trip, asked)
				}
			})
		})
	}
}
