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
	"slices"
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

	// A command that was begun so long ago has its connection, if one was idle.
	taken = 100 * time.Microsecond
)

// errUnsent is the error of a command that a hook of the client has left as it was, when it returned
// an error for another one.
var errUnsent = errors.New("the client did not send the command")

// Pipe runs scripts. Make it with [New].
type Pipe struct {
	client  goredis.UniversalClient
	timeout time.Duration // of an exchange
	silent  error         // why one ends then
	prompt  bool          // the client ends each command with its context
	single  bool          // and has one server, so that its idle connections are to that

	mu      sync.Mutex
	running int       // exchanges
	moved   time.Time // the queue, last, or the time from which it could
	queue   []*waiting
	loaded  map[*Script]bool // the scripts that the server has, as far as is known
	whole   bool             // EVALSHA is refused: each command brings its script

	size *batch.Size // commands of the next one at most
}

// waiting is a command in the queue.
type waiting struct {
	ctx   context.Context
	run   *run
	cmd   *goredis.Cmd // of its exchange
	turn  func()       // its turn has come
	sent  bool         // or it is the server that it waits for; guarded by Pipe.mu
	stuck *time.Timer
	done  chan struct{}
	err   error // of the exchange, if the command has no reply
}

// New returns a Pipe. No exchange for several callers takes longer than timeout. prompt: the
// client ends each command when its context ends.
func New(client goredis.UniversalClient, timeout time.Duration, prompt bool) *Pipe {
	_, single := client.(*goredis.Client)
	return &Pipe{
		client: client, timeout: timeout, silent: fmt.Errorf("no answer within %v", timeout), prompt: prompt, single: single,
		loaded: make(map[*Script]bool), size: batch.New(fewest, first, most),
	}
}

// Run runs a script.
func (p *Pipe) Run(ctx context.Context, script *Script, keys []string, args ...any) *goredis.Cmd {
	r := &run{script: script, keys: keys, args: args}
	for {
		cmd := p.once(ctx, r)
		if !r.isAgain(cmd) {
			return cmd
		}
	}
}

// note notes what the reply to a run says about its script: whether the server has it, and whether
// it refuses EVALSHA. It comes before the next exchange, which may do without the script then.
func (p *Pipe) note(r *run, cmd *goredis.Cmd) {
	err := cmd.Err()
	unknown := isUnknown(cmd)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case isRefused(cmd):
		p.whole = true
	case unknown, err == nil, errors.Is(err, goredis.Nil):
		p.loaded[r.script] = !unknown
	}
}

// brings reports whether a command with the script has to bring it: each, or only the first one
// of a pipeline.
func (p *Pipe) brings(s *Script) (first, each bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole || !p.loaded[s], p.whole
}

// commands returns the commands of an exchange, in the order of runs. The first one with a script that
// the server may not have brings it.
func (p *Pipe) commands(ctx context.Context, runs []*run) []*goredis.Cmd {
	cmds, brought := make([]*goredis.Cmd, len(runs)), make(map[*Script]bool)
	for i, r := range runs {
		first, each := p.brings(r.script)
		cmds[i] = r.command(ctx, each || first && !brought[r.script])
		brought[r.script] = true
	}
	return cmds
}

// once sends a command once.
func (p *Pipe) once(ctx context.Context, r *run) *goredis.Cmd {
	if p.mayBegin() {
		over := p.next
		if !p.prompt { // it may not return when ctx ends: then the turn of the next one comes
			over = sync.OnceFunc(p.next)
			defer context.AfterFunc(ctx, over)()
		}
		defer over()
		first, _ := p.brings(r.script)
		cmd := r.command(ctx, first)
		if err := p.client.Process(ctx, cmd); err != nil && cmd.Err() == nil { // a hook did not send it
			cmd.SetErr(err)
		}
		p.note(r, cmd)
		return cmd
	}
	one := *r // an exchange may read it after the caller has left
	w := &waiting{ctx: ctx, run: &one, turn: farwait.Queue(ctx), done: make(chan struct{})}
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
			return w.cmd
		}
		err = w.err
	case <-ctx.Done():
		p.mu.Lock()
		if err = context.Cause(ctx); !w.sent {
			err = fmt.Errorf("%w: %w", store.ErrBusy, err)
		}
		p.mu.Unlock()
	}
	cmd := goredis.NewCmd(ctx) // the other one may still be in use
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

// join makes a connection, unless there is one for each exchange, before it takes commands from
// the queue: in the time that this takes another exchange may have taken them. Of several servers
// none is asked, since another one may hang than those that the commands are for.
func (p *Pipe) join() {
	defer p.next()
	if !p.single {
		return
	}
	if p.idle() > 0 { // it may be for a command that was just begun
		<-time.After(taken)
	}
	p.mu.Lock()
	others := p.running - 1
	p.mu.Unlock()
	if p.idle() > others { // others may be between two connections, and an idle one then theirs
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	_, _ = bounded.Do(ctx, func(ctx context.Context) (string, error) { return p.client.Ping(ctx).Result() })
}

func (p *Pipe) idle() int { return int(p.client.PoolStats().IdleConns) }

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
	ctx, cancel := context.WithTimeoutCause(context.Background(), p.timeout, p.silent)
	defer cancel()
	began := time.Now()
	runs := make([]*run, len(some))
	for i, w := range some {
		runs[i] = w.run
	}
	cmds := p.commands(ctx, runs)
	_, err := bounded.Do(ctx, func(ctx context.Context) (struct{}, error) { p.send(ctx, cmds); return struct{}{}, nil })
	took, answered := time.Since(began), 0
	for i, w := range some {
		w.cmd = cmds[i]
		if err == nil && isAnswered(w.cmd) {
			answered++
			p.note(w.run, w.cmd)
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

// send sends commands in one pipeline.
func (p *Pipe) send(ctx context.Context, cmds []*goredis.Cmd) {
	pipe := p.client.Pipeline()
	for _, cmd := range cmds {
		_ = pipe.Process(ctx, cmd)
	}
	Exec(ctx, pipe)
	for _, cmd := range cmds {
		if cmd.Err() == nil && cmd.Val() == nil { // the nil of a server is an error
			cmd.SetErr(errUnsent)
		}
	}
}

// Exec sends the commands of a pipeline. Each has its reply or its error then: also where a hook of
// the client has returned an error instead of sending them, and left the commands as they were. They
// would look as if nothing was there.
func Exec(ctx context.Context, pipe goredis.Pipeliner) {
	cmds, err := pipe.Exec(ctx)
	if err == nil || slices.ContainsFunc(cmds, func(c goredis.Cmder) bool { return c.Err() != nil }) {
		return
	}
	for _, c := range cmds {
		c.SetErr(err)
	}
}

// Args are the keys and arguments of a script.
type Args struct {
	Keys []string
	Args []any
}

// RunAll runs a script for each element that has keys, in one pipeline. Each command has its
// reply or error.
func (p *Pipe) RunAll(ctx context.Context, script *Script, all []Args) []*goredis.Cmd {
	results, runs, places := make([]*goredis.Cmd, len(all)), make([]*run, 0, len(all)), make([]int, 0, len(all))
	for i, a := range all {
		if len(a.Keys) > 0 {
			runs, places = append(runs, &run{script: script, keys: a.Keys, args: a.Args}), append(places, i)
		}
	}
	for len(runs) > 0 {
		cmds := p.commands(ctx, runs)
		p.send(ctx, cmds)
		again, at := runs[:0], places[:0]
		for i, cmd := range cmds {
			results[places[i]] = cmd
			p.note(runs[i], cmd)
			if runs[i].isAgain(cmd) {
				again, at = append(again, runs[i]), append(at, places[i])
			}
		}
		runs, places = again, at
	}
	return results
}
