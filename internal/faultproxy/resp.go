package faultproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// frame collects the bytes of one command or reply.
type frame struct {
	in  *bufio.Reader
	raw []byte
}

// line takes a line and returns it without its end.
func (f *frame) line() ([]byte, error) {
	line, err := f.in.ReadBytes('\n')
	f.raw = append(f.raw, line...)
	return bytes.TrimRight(line, "\r\n"), err
}

// text takes n bytes and the line end after them.
func (f *frame) text(n int) ([]byte, error) {
	b := make([]byte, n+2)
	_, err := io.ReadFull(f.in, b)
	f.raw = append(f.raw, b...)
	return b[:n], err
}

// readCommand takes one command, as an array or in one line. The name is in capitals.
func readCommand(in *bufio.Reader) (raw []byte, name string, err error) {
	f := &frame{in: in}
	head, err := f.line()
	if err != nil {
		return nil, "", err
	}
	if len(head) == 0 || head[0] != '*' {
		name, _, _ := strings.Cut(strings.TrimSpace(string(head)), " ")
		return f.raw, strings.ToUpper(name), nil
	}
	n, err := number(head)
	for i := 0; i < n && err == nil; i++ {
		var word []byte
		if word, err = f.word(); i == 0 {
			name = strings.ToUpper(string(word))
		}
	}
	return f.raw, name, err
}

// word takes a bulk string.
func (f *frame) word() ([]byte, error) {
	head, err := f.line()
	if err != nil {
		return nil, err
	}
	if len(head) == 0 || head[0] != '$' {
		return nil, malformed(head)
	}
	n, err := number(head)
	if err == nil && n < 0 {
		err = malformed(head)
	}
	if err != nil {
		return nil, err
	}
	return f.text(n)
}

// readReply takes one reply or push, of RESP2 or RESP3.
func readReply(in *bufio.Reader) (raw []byte, push bool, err error) {
	f := &frame{in: in}
	push, err = f.value()
	return f.raw, push, err
}

func (f *frame) value() (push bool, err error) {
	head, err := f.line()
	if err != nil {
		return false, err
	}
	if len(head) == 0 {
		return false, malformed(head)
	}
	parts := 0 // values that follow
	switch kind := head[0]; kind {
	case '+', '-', ':', '_', ',', '#', '(':
		return false, nil
	case '$', '=', '!':
		n, err := number(head)
		if err == nil && n >= 0 {
			_, err = f.text(n)
		}
		return false, err
	case '*', '~', '>':
		parts, err = number(head)
	case '%':
		parts, err = number(head)
		parts *= 2
	case '|': // attributes, and then what they belong to
		parts, err = number(head)
		parts = 2*parts + 1
	default:
		err = malformed(head)
	}
	for ; parts > 0 && err == nil; parts-- {
		_, err = f.value()
	}
	return head[0] == '>', err
}

// number returns the length in a head such as "$12"; -1 is null.
func number(head []byte) (int, error) {
	n, err := strconv.Atoi(string(head[1:]))
	if err != nil || n < -1 || n > 1<<29 {
		return 0, malformed(head)
	}
	return n, nil
}

// malformed quotes no more than the kind: the rest may be anything.
func malformed(head []byte) error {
	if len(head) > 1 {
		head = head[:1]
	}
	return fmt.Errorf("faultproxy: malformed RESP after %q", head)
}
