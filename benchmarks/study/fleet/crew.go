package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
)

// Crew are the members of a fleet that this process has started.
type Crew struct{ members []*member }

// member is the crew's end of one.
type member struct {
	proc *exec.Cmd
	in   io.WriteCloser
	to   *json.Encoder
	from *json.Decoder
}

// patience is how long a member may take to get ready, and to report when its time is
// over.
const patience = 30 * time.Second

// Start starts n members with one order and returns when all are ready. Command is the
// program and its arguments; it must call Serve. Close the crew when it is done.
func Start(command []string, n int, order Order) (*Crew, error) {
	c := new(Crew)
	if err := c.start(command, n, order); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Crew) start(command []string, n int, order Order) error {
	for range n {
		if err := c.add(command, order); err != nil {
			return err
		}
	}
	for i, m := range c.members {
		late := time.AfterFunc(patience, m.kill)
		var r ready
		err := m.from.Decode(&r)
		late.Stop()
		if err == nil && !r.Ready {
			err = errors.New(r.Error)
		}
		if err != nil {
			return fmt.Errorf("fleet: member %d: %w", i, err)
		}
	}
	return nil
}

func (c *Crew) add(command []string, order Order) error {
	m := &member{proc: exec.Command(command[0], command[1:]...)}
	in, err := m.proc.StdinPipe()
	if err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	out, err := m.proc.StdoutPipe()
	if err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	if err := m.proc.Start(); err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	m.in, m.to, m.from = in, json.NewEncoder(in), json.NewDecoder(out)
	c.members = append(c.members, m)
	if err := m.to.Encode(order); err != nil {
		return fmt.Errorf("fleet: order: %w", err)
	}
	return nil
}

// Run lets all members begin at an instant, and returns what they measured together.
// When ctx ends they break off, and it returns what there is by then.
func (c *Crew) Run(ctx context.Context, at time.Time) (Report, error) {
	defer context.AfterFunc(ctx, c.dismiss)()
	for i, m := range c.members {
		if err := m.to.Encode(start{at}); err != nil {
			return Report{}, fmt.Errorf("fleet: member %d: %w", i, err)
		}
	}
	var (
		wait    sync.WaitGroup
		reports = make([]Report, len(c.members))
		errs    = make([]error, len(c.members))
	)
	for i, m := range c.members {
		wait.Go(func() {
			errs[i] = m.from.Decode(&reports[i])
			if errs[i] == nil && reports[i].Error != "" {
				errs[i] = errors.New(reports[i].Error)
			}
			if errs[i] != nil {
				errs[i] = fmt.Errorf("fleet: member %d: %w", i, errs[i])
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return Report{}, err
	}
	return sum(reports), nil
}

func sum(reports []Report) Report {
	var (
		all     Report
		results []*load.Result
		events  [][]event.Event
	)
	for _, r := range reports {
		results = append(results, r.Result)
		events = append(events, r.Events)
		all.Counts = all.Counts.Add(r.Counts)
	}
	all.Result, all.Events = load.Merge(results...), event.Merge(events...)
	return all
}

// dismiss tells the members to break off.
func (c *Crew) dismiss() {
	for _, m := range c.members {
		_ = m.in.Close()
	}
}

// Close ends the members and waits until they have ended.
func (c *Crew) Close() {
	c.dismiss()
	for _, m := range c.members {
		late := time.AfterFunc(patience, m.kill)
		_, _ = io.Copy(io.Discard, m.from.Buffered())
		_ = m.proc.Wait()
		late.Stop()
	}
}

func (m *member) kill() { _ = m.proc.Process.Kill() }
