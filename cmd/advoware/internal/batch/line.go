// Package batch makes calls from a list, a line for each, in memory that does not depend on
// the length of the list.
package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// MaxLine is how many bytes a line may have: 16 MiB.
const MaxLine = 16 << 20

// Item is one line of the list.
type Item struct {
	Index int // of the calls, from 0
	Line  int // of the list, from 1
	Request
	Err error // why the line is no request
}

// Request is what a line asks for.
type Request struct {
	Method   string
	Endpoint string
	Query    url.Values
	Body     json.RawMessage // nil if there is none
}

// reader reads a list.
type reader struct {
	in    *bufio.Reader
	index int
	line  int
}

func newReader(in io.Reader) *reader { return &reader{in: bufio.NewReaderSize(in, 64<<10)} }

// next returns the next line that is neither empty nor a comment, and io.EOF after the last.
func (r *reader) next() (Item, error) {
	for {
		text, tooLong, err := r.text()
		if err != nil {
			return Item{}, err
		}
		r.line++
		if r.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 || text[0] == '#' {
			continue
		}
		item := Item{Index: r.index, Line: r.line}
		if r.index++; tooLong {
			item.Err = fmt.Errorf("the line is longer than %d bytes", MaxLine)
		} else {
			item.Request, item.Err = parse(text)
		}
		return item, nil
	}
}

// text returns a line, or the beginning of one that is too long. What follows the last line
// end is a line too.
func (r *reader) text() (text []byte, tooLong bool, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		if tooLong = tooLong || len(text)+len(part) > MaxLine; !tooLong {
			text = append(text, part...)
		}
		switch {
		case err == nil, err == io.EOF && (len(text) > 0 || tooLong):
			return text, tooLong, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
	}
}

// parse reads a line: a path, a method and a path, or a JSON object.
func parse(text []byte) (Request, error) {
	if !utf8.Valid(text) {
		return Request{}, errors.New("the line is not UTF-8")
	}
	if text[0] == '{' {
		return object(text)
	}
	r := Request{Method: "GET"}
	switch words := strings.Fields(string(text)); {
	case len(words) == 1 && strings.HasPrefix(words[0], "/"):
		r.Endpoint = words[0]
	case len(words) == 2 && !strings.HasPrefix(words[0], "/"):
		r.Method, r.Endpoint = strings.ToUpper(words[0]), words[1]
	default:
		return r, errors.New(`the line is none of these: /path; METHOD /path; {"method": …, "endpoint": …, "query": {…}, "body": …}`)
	}
	return r, nil
}

func object(text []byte) (Request, error) {
	r := Request{Method: "GET"}
	err := strict.Members{
		"method": &r.Method, "endpoint": &r.Endpoint,
		"query": func(value json.RawMessage) (err error) { r.Query, err = query(value); return err },
		"body":  func(value json.RawMessage) error { r.Body = value; return nil },
	}.Decode(text, "")
	switch r.Method = strings.ToUpper(r.Method); {
	case err != nil:
		return r, err
	case r.Endpoint == "":
		return r, errors.New("endpoint is missing")
	case r.Method == "":
		return r, errors.New("method is empty")
	}
	return r, nil
}

// query reads an object whose values are text, numbers, true or false, or arrays of these,
// which are sent as they are written.
func query(text json.RawMessage) (url.Values, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return nil, errors.New("has to be an object")
	}
	values := make(url.Values)
	for name, value := range members {
		many := []json.RawMessage{value}
		if value[0] == '[' {
			_ = json.Unmarshal(value, &many)
		}
		for _, one := range many {
			switch one[0] {
			case '{', '[', 'n':
				return nil, errors.New("has a value that is neither text, a number, true or false, nor an array of these")
			case '"':
				var s string
				_ = json.Unmarshal(one, &s)
				values.Add(name, s)
			default:
				values.Add(name, string(one))
			}
		}
	}
	return values, nil
}
