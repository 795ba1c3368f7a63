package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// WriteJSON writes all of it.
func (s *Study) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(s)
}

// ReadJSON reads what WriteJSON has written. What the other forms cannot be made from is
// an error, which names the run and the field.
func ReadJSON(r io.Reader) (*Study, error) {
	var file struct {
		Study
		Runs []json.RawMessage `json:"runs"` // one at a time, so that an error can say which
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	s := &file.Study
	if s.Format != Format {
		return nil, fmt.Errorf("report: the format is %q, not %q", s.Format, Format)
	}
	s.Runs = make([]Run, len(file.Runs))
	seen := make(map[[2]string]bool)
	for i, text := range file.Runs {
		run := &s.Runs[i]
		err := run.read(text)
		if name := [2]string{run.Scenario, run.Store}; err == nil && seen[name] {
			err = errors.New("it is there twice")
		} else {
			seen[name] = true
		}
		if err != nil {
			return nil, fmt.Errorf("report: run %d (%s with %s): %w", i+1, run.Scenario, run.Store, err)
		}
	}
	return s, nil
}

// read reads a run.
func (r *Run) read(text []byte) error {
	if err := json.Unmarshal(text, r); err != nil {
		return blame(text, err)
	}
	if err := r.check(); err != nil {
		return err
	}
	r.count() // a file may be older than these fields
	return nil
}

// blame says which field an error is about where the error does not: it does if a type is
// wrong, but not if a histogram is.
func blame(run []byte, err error) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(run, &fields) != nil {
		return err
	}
	for _, name := range []string{"latency", "uncorrected", "failures", "lag"} {
		if text, ok := fields[name]; ok && json.Unmarshal(text, new(Spread)) != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return err
}

// check says what is wrong with a run that comes from a file.
func (r *Run) check() error {
	for _, f := range []struct {
		name string
		bad  bool
	}{
		{"scenario: it is empty", r.Scenario == ""},
		{"store: it is empty", r.Store == ""},
		{"duration_ns: it is not above 0", r.Duration <= 0},
		{"slot_ns: it is not above 0", r.Slot <= 0 && len(r.Slots) > 0},
		{"slots: there are more than the duration has", time.Duration(len(r.Slots)-1)*r.Slot > r.Duration},
		{"done: it is negative", r.Done < 0},
		{"failed: it is negative", r.Failed < 0},
		{"unfinished: it is negative", r.Unfinished < 0},
		{"hit_rate: it is not from 0 to 1", !(r.HitRate >= 0 && r.HitRate <= 1)},
	} {
		if f.bad {
			return errors.New(f.name)
		}
	}
	for _, f := range []struct {
		name string
		Spread
	}{{"latency", r.Latency}, {"uncorrected", r.Uncorrected}, {"failures", r.Failures}, {"lag", r.Lag}} {
		if f.Histogram == nil {
			return fmt.Errorf("%s: there is no histogram", f.name)
		}
		if n := f.Histogram.Count(); n != f.Count {
			return fmt.Errorf("%s: the count is %d, but the histogram has %d", f.name, f.Count, n)
		}
	}
	return nil
}
