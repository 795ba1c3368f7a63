package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

// calls returns how often a server has run a command.
func calls(srv *redistest.Server, command string) (n int) {
	for line := range strings.Lines(srv.Do("INFO", "commandstats").(string)) {
		_, _ = fmt.Sscanf(line, "cmdstat_"+command+":calls=%d", &n)
	}
	return n
}

// The first run brings the script with it, and the next ones do not. A server that lost it gets it
// again, once.
func TestScriptIsSentOnce(t *testing.T) {
	srv := redistest.Start(t)
	client := patient(t, srv.Addr())
	p := pipe.New(client, time.Minute, true)
	for round := range 3 {
		srv.Do("SCRIPT", "FLUSH")
		for range 5 {
			if err := p.Run(t.Context(), incr, []string{"n"}).Err(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := calls(srv, "eval"), round+1; got != want {
			t.Errorf("sent %d times, want %d", got, want)
		}
		if got, want := calls(srv, "evalsha"), 4+5*round; got != want {
			t.Errorf("named %d times, want %d", got, want)
		}
	}
}

// The same for many runs in one pipeline, of which each has its own result.
func TestScriptIsSentOnceForMany(t *testing.T) {
	srv := redistest.Start(t)
	p := pipe.New(patient(t, srv.Addr()), time.Minute, true)
	for round := range 3 {
		srv.Do("SCRIPT", "FLUSH")
		results := p.RunAll(t.Context(), incr, each(100))
		for i, r := range results {
			if n, err := r.Int(); err != nil || n != round+1 {
				t.Fatalf("%d: got %d, %v; want %d", i, n, err, round+1)
			}
		}
		if got, want := calls(srv, "eval"), round+1; got != want {
			t.Errorf("sent %d times, want %d", got, want)
		}
	}
}

// A server that forgets its scripts all the time, between any two commands, runs each run once.
func TestServerThatForgetsItsScripts(t *testing.T) {
	srv := redistest.Start(t)
	p := pipe.New(patient(t, srv.Addr()), time.Minute, true)
	double := pipe.NewScript(`return 2 * redis.call('INCRBY', KEYS[1], ARGV[1])`)
	over, forgets := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(forgets)
		for conn := srv.Dial(); ; {
			select {
			case <-over:
				return
			default:
				_, _ = conn.Do("SCRIPT", "FLUSH")
			}
		}
	}()
	const callers, rounds = 64, 10
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			key := []string{fmt.Sprint("k", i)}
			for round := range rounds {
				n, err := p.Run(t.Context(), incr, key).Int()
				if err != nil || n != 2*round+1 {
					t.Errorf("got %d, %v; want %d", n, err, 2*round+1)
					return
				}
				if n, err = p.Run(t.Context(), double, key, 1).Int(); err != nil || n != 2*(2*round+2) {
					t.Errorf("got %d, %v; want %d", n, err, 2*(2*round+2))
					return
				}
			}
		})
	}
	for round := range rounds {
		for i, r := range p.RunAll(t.Context(), incr, each(50)) {
			if n, err := r.Int(); err != nil || n != round+1 {
				t.Errorf("%d: got %d, %v; want %d", i, n, err, round+1)
			}
		}
	}
	all.Wait()
	close(over)
	<-forgets
}

// A master that does not have the script gets it, whichever masters have.
func TestScriptReachesEachMaster(t *testing.T) {
	nodes := redistest.StartCluster(t)
	client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: nodes.Addrs()})
	t.Cleanup(func() { client.Close() })
	p := pipe.New(client, time.Minute, true)
	for round := range 3 {
		for i, r := range p.RunAll(t.Context(), incr, each(300)) {
			if n, err := r.Int(); err != nil || n != round+1 {
				t.Fatalf("%d: got %d, %v; want %d", i, n, err, round+1)
			}
		}
		for _, master := range nodes.Masters()[:round] {
			master.Do("SCRIPT", "FLUSH")
		}
	}
}

// Where EVALSHA is refused, each command brings its script.
func TestServerWithoutEVALSHA(t *testing.T) {
	for name, args := range map[string][]string{
		"renamed":   {"--rename-command", "EVALSHA", ""},
		"no rights": {"--user", "default", "on", "nopass", "~*", "+@all", "-evalsha"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t, args...)
			p := pipe.New(patient(t, srv.Addr()), time.Minute, true)
			for n := range 3 {
				if got, err := p.Run(t.Context(), incr, []string{"n"}).Int(); err != nil || got != n+1 {
					t.Errorf("got %d, %v; want %d", got, err, n+1)
				}
				for i, r := range p.RunAll(t.Context(), incr, each(20)) {
					if got, err := r.Int(); err != nil || got != n+1 {
						t.Fatalf("%d: got %d, %v; want %d", i, got, err, n+1)
					}
				}
			}
		})
	}
}

// blocking is a hook that sends no pipeline, and has its error at the first command only.
type blocking struct{ counted }

func (b *blocking) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		err := errors.New("blocked")
		cmds[0].SetErr(err)
		return err
	}
}

// What a hook did not send has an error, also where the hook has it at one command only.
func TestHookWithTheErrorOfOneCommand(t *testing.T) {
	client := patient(t, redistest.Start(t).Addr())
	client.AddHook(new(blocking))
	for i, r := range pipe.New(client, time.Minute, true).RunAll(t.Context(), incr, each(3)) {
		if r.Err() == nil {
			t.Errorf("%d: no error", i)
		}
	}
}

// each returns the arguments of n runs, each with a key of its own.
func each(n int) []pipe.Args {
	all := make([]pipe.Args, n)
	for i := range all {
		all[i].Keys = []string{fmt.Sprint("n", i)}
	}
	return all
}

// patient returns a client that waits for a server that does not get to run.
func patient(t *testing.T, addr string) *goredis.Client {
	t.Helper()
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = time.Minute, time.Minute, time.Minute
	client := goredis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	return client
}
