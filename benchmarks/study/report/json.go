package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes all of it.
func (s *Study) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(s)
}

// ReadJSON reads what WriteJSON has written.
func ReadJSON(r io.Reader) (*Study, error) {
	s := new(Study)
	if err := json.NewDecoder(r).Decode(s); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if s.Format != Format {
		return nil, fmt.Errorf("report: the format is %q, not %q", s.Format, Format)
	}
	for i := range s.Runs {
		s.Runs[i].count() // a file may be older than these fields
	}
	return s, nil
}
