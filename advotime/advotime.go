// Package advotime reads and writes the dates and times of Advoware.
//
// The API writes a time without a zone, and what that means depends on the field: UTC on
// the ActiveSync paths, the wall clock of Berlin in the fields of the calendar (datum,
// uhrzeitVon, datumBis, uhrzeitBis) and in geaendertAm. So there is a type for each, and a
// field of a struct cannot be declared without the choice: [Berlin] and [UTC] are
// instants, [Day] is a day without a time, a birthday for one, and [Clock] is a time of
// day without a day. [Day.Berlin] and [Day.UTC] put the two together.
//
// All of them read null, "" and the zero of .NET, 0001-01-01T00:00:00Z, as no date, which
// is their zero value. They work in JSON, with omitzero, in a query (String) and wherever
// encoding.TextMarshaler does. What was read and is written again means the same; see
// [Berlin] for the two nights in which the clock is changed. What is no date is a
// [*ParseError].
//
// An instant may have 0 to 9 digits of a fraction, of which 7 are kept: .NET counts in
// steps of 100 ns, and the API writes no more. It may have a zone (Z, +01:00, +0100, +01),
// which counts then, or none. Seconds may be left out, a day alone is its midnight, and
// between day and time there may be a space.
//
// The package knows nothing of endpoints and needs no database of time zones. Its types
// are values, safe for concurrent use, and may be keys of a map; compare them by Equal or
// Compare.
package advotime

import (
	"encoding/json"
	"fmt"
)

// ParseError is a text that is no date or time of the wanted kind.
type ParseError struct {
	Text string // what was read, at most 48 bytes of it
	Want string // what was wanted, with an example
}

// Error shows both.
func (e *ParseError) Error() string {
	return fmt.Sprintf("advotime: %q is not %s", e.Text, e.Want)
}

const maxShown = 48

func malformed(text, want string) error {
	if len(text) > maxShown {
		text = text[:maxShown-len("…")] + "…"
	}
	return &ParseError{Text: text, Want: want}
}

// RangeError is a date that the API has no way to write.
type RangeError struct{ Text string }

func (e *RangeError) Error() string {
	return "advotime: " + e.Text + " cannot be written: the years are 1 to 9999"
}

// maxText is more than any text that is read has, with each sign as a JSON escape.
const maxText = 6 * 64

// fromJSON reads a JSON string, or null, by parse.
func fromJSON[T any](data []byte, want string, parse func(string) (T, error)) (T, error) {
	var zero T
	if string(data) == "null" {
		return zero, nil
	}
	var text string
	if len(data) > maxText || len(data) == 0 || data[0] != '"' || json.Unmarshal(data, &text) != nil {
		return zero, malformed(string(data[:min(len(data), maxText)]), want)
	}
	return parse(text)
}

// toJSON is text as a JSON string, or null if it is empty.
func toJSON(text string, err error) ([]byte, error) {
	switch {
	case err != nil:
		return nil, err
	case text == "":
		return []byte("null"), nil
	}
	return []byte(`"` + text + `"`), nil // digits and signs that need no escape
}
