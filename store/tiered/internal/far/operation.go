package far

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

var (
	errOpen = errors.New("store/tiered: the far store is left alone after a failure")
	errSlow = slow{}

	// errHeld opens the breaker, and is no outage: a process that does not get to run has to do
	// less, or each operation that comes too late makes more of them.
	errHeld = errors.New("store/tiered: this process did not get to run")
)

// slow is the error of a caller that has waited as long as it may.
type slow struct{}

func (slow) Error() string { return "store/tiered: the far store did not answer in time" }

// Timeout and Temporary make it a net.Error.
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

// Operation is a read or a write of far, of one key or of many. It goes on when its caller stops waiting.
type Operation struct {
	f       *Far
	keys    []string
	limit   time.Duration // of the caller's wait
	behind  bool          // no call waits for it: it is made also in a process that does not get to run
	after   []*Operation  // for each key: a write to it that comes first, nil if there is none
	began   time.Time
	report  func(error) // reports to the breaker; only the first call counts
	counted atomic.Bool // the error
	queued  func() time.Duration
	held    func() time.Duration // for how long the process did not get to run meanwhile

	done chan struct{} // closed when tok and err are there
	tok  store.Token
	err  error
}

// Read starts fn, which reads far, unless the breaker is open. It runs after a write to the
// same key that is under way. The context of the caller gives fn its values and limits the
// wait, not the operation.
func (f *Far) Read(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(ctx, key)
	op.start(ctx, fn)
	return op
}

// Look is Read for keys whose changes are followed; fn returns an error if none of them could be
// read. No caller waits for it with a limit. It is made also while the breaker is open because this
// process did not get to run: it is one operation for many keys, and without it a change would be
// noticed when the breaker closes.
func (f *Far) Look(keys []string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(context.Background(), keys...)
	op.behind = true
	op.start(context.Background(), fn)
	return op
}

// WriteBehind is Write for keys whose writes are pending, or were lost; no caller waits for it with
// a limit. It is made when a Look is.
func (f *Far) WriteBehind(keys []string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(context.Background(), keys...)
	op.behind = true
	op.precede()
	op.start(context.Background(), func(ctx context.Context) (store.Token, error) { return op.writeOrRead(ctx, fn) })
	return op
}

// Writing reports whether a write of key is under way, behind which others have to wait.
func (f *Far) Writing(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes[key] != nil
}

// Write is Read for a function that writes. The writes of one key run one after the other,
// so that one whose caller has left is not overtaken by the next.
func (f *Far) Write(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(ctx, key)
	op.precede()
	op.start(ctx, func(ctx context.Context) (store.Token, error) { return op.writeOrRead(ctx, fn) })
	return op
}

// operation returns one that runs after the writes of its keys that are under way.
func (f *Far) operation(ctx context.Context, keys ...string) *Operation {
	op := &Operation{f: f, keys: keys, done: make(chan struct{}), limit: farwait.Left(ctx, f.cfg.Wait), after: make([]*Operation, len(keys))}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, key := range keys {
		op.after[i] = f.writes[key]
	}
	return op
}

// precede makes the next operations on the keys run after op.
func (op *Operation) precede() {
	op.f.mu.Lock()
	defer op.f.mu.Unlock()
	for i, key := range op.keys {
		if before := op.f.writes[key]; before != op { // a key that is there twice: op does not wait for itself
			op.after[i], op.f.writes[key] = before, op
		}
	}
}

func (op *Operation) start(ctx context.Context, fn func(context.Context) (store.Token, error)) {
	f := op.f
	if !f.begin() {
		op.end(store.Token{}, ErrClosed)
		return
	}
	done, err := f.breaker.Allow()
	if err != nil && op.behind && f.isHeld() {
		done, err = func(error) {}, nil
	}
	if err != nil {
		f.running.Done()
		op.end(store.Token{}, errOpen)
		return
	}
	// The operation has a time of its own, as it goes on when the call has returned.
	stop := f.pulse.start()
	ctx = farwait.Operation(context.WithoutCancel(ctx), f.cfg.Timeout, f.pulse.held)
	op.queued = func() time.Duration { return farwait.Queued(ctx) }
	op.began = time.Now()
	before := f.pulse.held()
	op.held = func() time.Duration { return f.pulse.held() - before }
	var reported atomic.Bool
	op.report = func(err error) {
		if !reported.Swap(true) {
			f.conclude(done, err)
			f.noteOutcome(ctx, op, err)
		}
	}
	go func() {
		for i, before := range op.after {
			if before != nil {
				<-before.done
				op.after[i] = nil
			}
		}
		ctx, cancel := context.WithTimeout(ctx, f.cfg.Timeout)
		defer cancel()
		began, queued := time.Now(), op.queued()
		tok, err := bounded.Do(ctx, fn)
		f.running.Done()
		result := outage(err)
		if took := time.Since(began); op.starved(err, took, op.queued()-queued) {
			err = fmt.Errorf("%w: %w", store.ErrBusy, err)
			if result = err; 2*op.held() > took {
				result = errHeld
			}
		}
		stop()
		if result == nil {
			f.pulse.answered()
		}
		op.report(result)
		op.end(tok, err)
	}()
}

// outage returns what the breaker hears of the result of an operation.
func outage(err error) error {
	if isBusy(err) {
		return err
	}
	return health.Outage(err)
}

// starved reports whether an operation, or an exchange of it, ran out of time because it waited
// in this process for most of it: for its turn, or for the processor.
func (op *Operation) starved(err error, took, queued time.Duration) bool {
	return IsTimeout(err) && 2*queued > took && op.f.pulse.doubts(op.f.cfg.Timeout)
}

func (op *Operation) end(tok store.Token, err error) {
	op.tok, op.err = tok, err
	op.f.mu.Lock()
	defer op.f.mu.Unlock()
	for i, key := range op.keys {
		if op.f.writes[key] != op {
			continue
		}
		delete(op.f.writes, key)
		if before := op.after[i]; before != nil && !before.ended() { // op did not start, and that one is under way
			op.f.writes[key] = before
		}
	}
	op.after = nil
	close(op.done)
}

func (op *Operation) ended() bool {
	select {
	case <-op.done:
		return true
	default:
		return false
	}
}

// Result waits for the end of the operation, however long that takes, and returns its result.
func (op *Operation) Result() (store.Token, error) {
	<-op.done
	return op.tok, op.err
}

// Wait waits for the operation until ctx ends or the call has waited as long as it may.
func (op *Operation) Wait(ctx context.Context) (store.Token, error) {
	select {
	case <-op.done:
		return op.tok, op.err
	default:
	}
	if op.limit <= 0 {
		return store.Token{}, errSlow // the call has no time left, which is no failure of far
	}
	began := time.Now()
	defer func() { farwait.Spend(ctx, time.Since(began)) }()
	patience := time.NewTimer(op.limit)
	defer patience.Stop()
	select {
	case <-op.done:
		return op.tok, op.err
	case <-patience.C:
		if op.ended() { // both at once
			return op.tok, op.err
		}
		op.slow(time.Since(began))
		return store.Token{}, errSlow
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) { // a cancelled caller is no failure of far
			op.slow(time.Since(began))
		}
		return store.Token{}, ctx.Err()
	}
}

// slow is called when a caller has left that has waited for so long. A wait of less than half of
// FarWait shows nothing. After a longer one it is an outage once far has had the operation for
// nearly FarWait, which may be later: the caller's time is that of all steps of its call. What the
// operation waited for its turn does not count. Nor does that this process did not get to run, if
// that was most of the time.
func (op *Operation) slow(waited time.Duration) {
	f, total, queued := op.f, time.Since(op.began), op.queued() // or held
	had, net := total-max(0, queued-op.held()), total-queued
	enough := f.cfg.Wait / 10 * 9
	switch {
	case f.Patient(waited), op.ended():
	case had >= enough && !f.Patient(net), f.Patient(net) && !f.pulse.doubts(f.cfg.Timeout):
		op.report(errSlow)
	case 2*op.held() > waited:
		op.report(errHeld)
	default:
		op.CountError()
		time.AfterFunc(max(beat, enough-had), func() { op.slow(time.Since(op.began)) })
	}
}

// CountError counts that an operation has failed, or is late: once, and also if the breaker does not
// hear of it.
func (op *Operation) CountError() {
	if !op.counted.Swap(true) {
		op.f.health.errors.Add(1)
	}
}

// IsTimeout reports whether an operation has failed because it took too long.
func IsTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// Patient reports whether a wait without an answer is so short that it is no failure.
func (f *Far) Patient(waited time.Duration) bool { return 2*waited < f.cfg.Wait }
