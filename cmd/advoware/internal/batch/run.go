package batch

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Config says how a list is worked through.
type Config struct {
	In io.Reader
	// Concurrency is how many calls are under way together.
	Concurrency int
	// Do makes a call. Its context does not end with that of Run.
	Do func(context.Context, Item) Result
	// Print gets the results in the order of the list, one at a time. After its first
	// error the rest of the list is not read.
	Print func(Result) error
}

// Summary is what became of a list.
type Summary struct {
	Made, Failed int
	Lines        []int // of those that failed, the first ones
	First        error // of those
	Interrupted  bool  // the rest of the list was not read
}

// maxLines is how many failed lines are named.
const maxLines = 10

// Failures names what failed on one line.
func (s *Summary) Failures() string {
	lines := strings.Trim(fmt.Sprint(s.Lines), "[]")
	text := "line " + lines
	if s.Failed > 1 {
		text = "lines " + strings.ReplaceAll(lines, " ", ", ")
	}
	if more := s.Failed - len(s.Lines); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d of %d calls failed (%s)", s.Failed, s.Made, text)
}

// Run works through a list: as many calls at a time as Config says, and no further ahead of
// the one whose result is due than that many. When ctx ends it reads no more, and waits for
// the calls that are under way. The error is one of reading the list or of Print.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan chan Result, cfg.Concurrency)
	read := bounded.Go(func() (struct{}, error) { return struct{}{}, cfg.read(reading, queue) })
	var s Summary
	var failed error
	for due := range queue {
		r := <-due
		if s.Made++; r.Err != nil {
			if s.Failed++; s.Failed == 1 {
				s.First = r.Err
			}
			if len(s.Lines) < maxLines {
				s.Lines = append(s.Lines, r.Line)
			}
		}
		if failed == nil {
			if failed = cfg.Print(r); failed != nil {
				stop(failed)
			}
		}
	}
	err := (<-read).Err
	if failed != nil {
		err = failed
	}
	s.Interrupted = ctx.Err() != nil && err == nil
	return s, err
}

// read starts a call for each line, and closes queue in the end.
func (cfg *Config) read(ctx context.Context, queue chan<- chan Result) error {
	defer close(queue)
	items, broken := lines(ctx, cfg.In)
	free := make(chan struct{}, cfg.Concurrency)
	for {
		select { // before an item is taken, so that an interrupt loses none
		case free <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		var item Item
		var ok bool
		select {
		case item, ok = <-items:
		case <-ctx.Done():
		}
		if !ok || ctx.Err() != nil {
			break
		}
		due := make(chan Result, 1)
		queue <- due // emptied until all are closed
		go func() {
			defer func() { <-free }()
			due <- cfg.do(context.WithoutCancel(ctx), item)
		}()
	}
	if ctx.Err() != nil {
		return nil
	}
	return <-broken
}

func (cfg *Config) do(ctx context.Context, item Item) (r Result) {
	defer func() {
		if v := recover(); v != nil {
			r = Result{Err: &bounded.PanicError{Value: v}}
		}
		r.Item = item
	}()
	if item.Err != nil {
		return Result{Err: item.Err}
	}
	return cfg.Do(ctx, item)
}

// lines reads a list; it may block in a Read after ctx has ended.
func lines(ctx context.Context, in io.Reader) (<-chan Item, <-chan error) {
	items, broken := make(chan Item), make(chan error, 1)
	go func() {
		defer close(items)
		list := newReader(in)
		for {
			item, err := list.next()
			if err != nil {
				if err == io.EOF {
					err = nil
				}
				broken <- err
				return
			}
			select {
			case items <- item:
			case <-ctx.Done():
				broken <- nil
				return
			}
		}
	}()
	return items, broken
}
