// Package dotenv reads files of variables in the syntax of .env files.
//
// Programs that read them differ in what they do with a dollar sign, and with a quote or a
// number sign at an end of a value. Where one of them would read another value, it is refused,
// by its line and without the value: a password that was read wrong locks the account in the
// end. A backslash outside quotes stays, as everywhere but in a shell.
//
//	# a comment
//	NAME=value             # without the spaces around it
//	export NAME='as it is, $ and \ included, over several lines too'
//	NAME="with \n \r \t \" \\ \$ and ${ANOTHER} that was set before"
//
// A single quote within single quotes is written as in a shell: end them, write \' and begin
// them again. Of two lines for one name the last one counts.
package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// MaxSize is how many bytes of a file are read; one that is larger is an error.
const MaxSize = 1 << 20

// Error is a line that cannot be read. It does not show what stands there.
type Error struct {
	Line    int // from 1
	Problem string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// ReadFile reads the variables of a file, which may be a pipe. Getenv is asked for a
// ${NAME} that the file has not set before; it returns "" for one that is not set.
func ReadFile(name string, getenv func(string) string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxSize {
		return nil, fmt.Errorf("it is larger than %d bytes", MaxSize)
	}
	return Parse(text, getenv)
}

// Parse reads the text of a file. The error is an [*Error], but for a text that is UTF-16.
func Parse(text []byte, getenv func(string) string) (map[string]string, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.New("it is UTF-16, which a > of PowerShell writes: save it as UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	rest := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\r", "\n")
	r := &reader{rest: rest, line: 1, vars: make(map[string]string), getenv: getenv}
	for r.rest != "" {
		if err := r.statement(); err != nil {
			return nil, &Error{Line: r.line, Problem: err.Error()}
		}
	}
	return r.vars, nil
}
