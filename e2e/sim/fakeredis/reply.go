package fakeredis

import (
	"errors"
	"fmt"
	"strconv"
)

// Reply is what a command is answered with: nil, int64, string, []Reply, Status or Error.
type Reply any

// Status is a simple string.
type Status string

// Error is an error of the server.
type Error string

func (e Error) Error() string { return string(e) }

// pairs is a map of RESP3, an array of RESP2.
type pairs []Reply

const (
	errType = Error("WRONGTYPE Operation against a key holding the wrong kind of value")
	errInt  = Error("ERR value is not an integer or out of range")
)

// encode appends a reply in RESP.
func encode(out []byte, r Reply, resp3 bool) []byte {
	switch r := r.(type) {
	case nil:
		if resp3 {
			return append(out, "_\r\n"...)
		}
		return append(out, "$-1\r\n"...)
	case int64:
		return append(strconv.AppendInt(append(out, ':'), r, 10), "\r\n"...)
	case string:
		out = strconv.AppendInt(append(out, '$'), int64(len(r)), 10)
		return append(append(append(out, "\r\n"...), r...), "\r\n"...)
	case Status:
		return append(append(append(out, '+'), r...), "\r\n"...)
	case Error:
		return append(append(append(out, '-'), r...), "\r\n"...)
	case pairs:
		if resp3 {
			return all(strconv.AppendInt(append(out, '%'), int64(len(r)/2), 10), r, true)
		}
		return encode(out, []Reply(r), false)
	case []Reply:
		return all(strconv.AppendInt(append(out, '*'), int64(len(r)), 10), r, resp3)
	}
	panic(fmt.Sprintf("fakeredis: a reply of type %T", r))
}

func all(out []byte, rs []Reply, resp3 bool) []byte {
	out = append(out, "\r\n"...)
	for _, r := range rs {
		out = encode(out, r, resp3)
	}
	return out
}

// pushOf is the message that keys have changed, all of them if there is none.
func pushOf(keys []string) []byte {
	out := []byte(">2\r\n$10\r\ninvalidate\r\n")
	if keys == nil {
		return append(out, "_\r\n"...)
	}
	names := make([]Reply, len(keys))
	for i, key := range keys {
		names[i] = key
	}
	return encode(out, names, true)
}

var errProtocol = errors.New("fakeredis: not a command in RESP")
