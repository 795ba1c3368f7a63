// Package pipe sends the scripts of many callers in few pipelines.
//
// A pool of connections is small. When many callers want one at once, most wait for a
// connection until their time is up, while the server has nothing to do. Here a caller that
// finds the connections in use leaves its command in a queue, and what is in the queue goes
// out together as soon as a connection is free. A caller that finds one free does not wait.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package pipe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/batch"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

const (
	// exchanges is how many connections are used at a time: half of the pool that
	// store/redis suggests.
	exchanges = 4

	// How many commands a pipeline has, at first and at least and at most. So a command that has
	// been sent is answered soon, also by a server that is busy, and the others wait here, where
	// it is known what they wait for.
	fewest, first, most = 8, 64, 256

	// A queue that does not move for so long is the server's fault. A connection to a server that
	// is 50 ms away has its first answer after 200 ms: it is dialled, then there are HELLO, SELECT
	// and the command.
	stuck = 225 * time.Millisecond
)

// Pipe runs scripts, for [goredis.Script]. Make it with [New].
type Pipe struct {
	goredis.Scripter
	client  goredis.UniversalClient
	timeout time.Duration // of an exchange
	prompt  bool          // the client ends each command with its context

	mu      sync.Mutex
	running int       // exchanges
	moved   time.Time // the queue, last, or the time from which it could
	queue   []*waiting

	size *batch.Size // commands of the next one at most
}

// waiting is a command in the queue.
type waiting struct {
	ctx   context.Context
	cmd   *goredis.Cmd
	turn  func() // its turn has come
	sent  bool   // or it is the server that it waits for; guarded by Pipe.mu
	stuck *time.Timer
	done  chan struct{}
	err   error // of the exchange, if the command has no reply
}

// New returns a Pipe. No exchange for several callers takes longer than timeout. prompt: the
// client ends each command when its context ends.
func New(client goredis.UniversalClient, timeout time.Duration, prompt bool) *Pipe {
	return &Pipe{Scripter: client, client: client, timeout: timeout, prompt: prompt, size: batch.New(fewest, first, most)}
}

// Eval runs a script.
func (p *Pipe) Eval(ctx context.Context, script string, keys []string, args ...any) *goredis.Cmd {
	return p.run(ctx, "eval", script, keys, args)
}

// EvalSha runs a script that the server has.
func (p *Pipe) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *goredis.Cmd {
	return p.run(ctx, "evalsha", sha, keys, args)
}

// command returns the command that runs a script: "eval" or "evalsha".
func command(ctx context.Context, name, script string, keys []string, args []any) *goredis.Cmd {
	all := make([]any, 0, 3+len(keys)+len(args))
	all = append(all, name, script, len(keys))
	for _, key := range keys {
		all = append(all, key)
	}
	cmd := goredis.NewCmd(ctx, append(all, args...)...)
	if len(keys) > 0 {
		cmd.SetFirstKeyPos(3)
	}
	return cmd
}

func (p *Pipe) run(ctx context.Context, name, script string, keys []string, args []any) *goredis.Cmd {
	cmd := command(ctx, name, script, keys, args)
	if p.mayBegin() {
		over := p.next
		if !p.prompt { // it may not return when ctx ends: then the turn of the next one comes
			over = sync.OnceFunc(p.next)
			defer context.AfterFunc(ctx, over)()
		}
		defer over()
		_ = p.client.Process(ctx, cmd)
		return cmd
	}
	w := &waiting{ctx: ctx, cmd: cmd, turn: farwait.Queue(ctx), done: make(chan struct{})}
	defer w.turn()
	p.mu.Lock()
	p.queue = append(p.queue, w)
	p.another()
	w.stuck = time.AfterFunc(stuck-time.Since(p.moved), func() { p.blame(w) })
	p.mu.Unlock()
	defer w.stuck.Stop()
	var err error
	select {
	case <-w.done:
		if w.err == nil {
			return cmd
		}
		err = w.err
	case <-ctx.Done():
		p.mu.Lock()
		if err = context.Cause(ctx); !w.sent {
			err = fmt.Errorf("%w: %w", store.ErrBusy, err)
		}
		p.mu.Unlock()
	}
	cmd = goredis.NewCmd(ctx) // the other one may still be in use
	cmd.SetErr(err)
	return cmd
}

// blame ends the time of w in the queue if the queue has not moved for long: then w waits for
// a server that does not answer.
func (p *Pipe) blame(w *waiting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch left := stuck - time.Since(p.moved); {
	case w.sent || w.ctx.Err() != nil:
	case left > 0:
		w.stuck.Reset(left)
	default:
		w.sent = true
		w.turn()
	}
}

// mayBegin begins an exchange if none is under way: the others take a free connection, or make
// one, in the background.
func (p *Pipe) mayBegin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) > 0 || p.running > 0 {
		return false
	}
	p.running++
	p.moved = time.Now()
	return true
}

// next begins the exchange that takes the place of one that has ended.
func (p *Pipe) next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved = time.Now()
	some := p.take()
	if len(some) == 0 {
		p.running--
		return
	}
	go p.exchange(some)
	p.another()
}

// another begins one more exchange for what is in the queue. The mutex is held.
func (p *Pipe) another() {
	if len(p.queue) > 0 && p.running < exchanges {
		if p.running++; p.running == 1 {
			p.moved = time.Now()
		}
		go p.join()
	}
}

// join makes a connection, unless one is free, before it takes commands from the queue: in the
// time that this takes another exchange may have taken them.
func (p *Pipe) join() {
	defer p.next()
	if p.client.PoolStats().IdleConns > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	_, _ = bounded.Do(ctx, func(ctx context.Context) (string, error) { return p.client.Ping(ctx).Result() })
}

// take returns the commands of the next exchange. The mutex is held.
func (p *Pipe) take() (some []*waiting) {
	n, most := 0, p.size.Now()
	for _, w := range p.queue {
		if len(some) == most {
			break
		}
		n++
		if w.ctx.Err() == nil {
			w.sent = true
			w.turn()
			some = append(some, w)
		}
	}
	p.queue = p.queue[n:]
	if len(p.queue) == 0 {
		p.queue = nil
	}
	return some
}

func (p *Pipe) exchange(some []*waiting) {
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	began := time.Now()
	_, err := bounded.Do(ctx, func(ctx context.Context) (struct{}, error) {
		pipe := p.client.Pipeline()
		for _, w := range some {
			_ = pipe.Process(ctx, w.cmd)
		}
		_, _ = pipe.Exec(ctx) // each command has its error
		return struct{}{}, nil
	})
	took, answered := time.Since(began), 0
	for _, w := range some {
		if err == nil && isAnswered(w.cmd) {
			answered++
		}
		w.err = err
		close(w.done)
	}
	p.size.Note(answered, took)
	p.next()
}

// isAnswered reports whether the server has answered a command: if only that it refuses it.
func isAnswered(cmd *goredis.Cmd) bool {
	var reply goredis.Error
	return cmd.Err() == nil || errors.As(cmd.Err(), &reply)
}

// Run are the keys and arguments of a script.
type Run struct {
	Keys []string
	Args []any
}

// RunAll runs a script for each element that has keys, in one pipeline. Each command has its
// reply or error.
func (p *Pipe) RunAll(ctx context.Context, script *goredis.Script, source string, runs []Run) []*goredis.Cmd {
	cmds := make([]*goredis.Cmd, len(runs))
	p.send(ctx, cmds, runs, "evalsha", script.Hash())
	p.send(ctx, cmds, runs, "eval", source)
	return cmds
}

// send sends the commands that have not been sent, or whose script the server did not have.
func (p *Pipe) send(ctx context.Context, cmds []*goredis.Cmd, runs []Run, name, script string) {
	pipe := p.client.Pipeline()
	for i, r := range runs {
		if len(r.Keys) > 0 && (cmds[i] == nil || goredis.HasErrorPrefix(cmds[i].Err(), "NOSCRIPT")) {
			cmds[i] = command(ctx, name, script, r.Keys, r.Args)
			_ = pipe.Process(ctx, cmds[i])
		}
	}
	if pipe.Len() > 0 {
		_, _ = pipe.Exec(ctx)
	}
}
