// Package jsonpart finds a part of a JSON text: a field, or the elements of an array while
// they arrive.
package jsonpart

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrSyntax is text that is not JSON.
	ErrSyntax = errors.New("jsonpart: not JSON")
	// ErrTooLong is a value that is longer than its bound.
	ErrTooLong = errors.New("jsonpart: a value is too long")
)

// ShapeError is JSON that does not have what was asked for where it should be.
type ShapeError struct{ text string }

func (e *ShapeError) Error() string { return e.text }

func noArray() error { return &ShapeError{"the answer is JSON, but no array"} }

func noObject(name string) error {
	return &ShapeError{fmt.Sprintf("the answer is JSON, but no object with a field %.100q", name)}
}

func noField(name string) error {
	return &ShapeError{fmt.Sprintf("the answer has no field %.100q", name)}
}

func twice(name string) error {
	return &ShapeError{fmt.Sprintf("the answer has the field %.100q twice", name)}
}

// Path splits the name of a field, as a JSON Pointer (RFC 6901) without its first slash
// has it.
func Path(field string) []string {
	split := strings.Split(strings.TrimPrefix(field, "/"), "/")
	for i, name := range split {
		split[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	}
	return split
}

// Field returns a field of a valid JSON value, or a [*ShapeError]. Of null every field is
// null.
func Field(value json.RawMessage, path string) (json.RawMessage, error) {
	for _, name := range Path(path) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(value, &fields) != nil {
			return nil, noObject(name)
		}
		if fields == nil {
			return value, nil
		}
		inside, ok := fields[name]
		if !ok {
			return nil, noField(name)
		}
		value = inside
	}
	return value, nil
}
