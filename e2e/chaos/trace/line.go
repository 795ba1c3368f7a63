package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The lines that a recorder adds to those of MONITOR.
const (
	Began    = "# began"    // from here on nothing is missing
	Ended    = "# ended"    // from here on something may be
	Snapshot = "# snapshot" // with the name of the snapshot, and its answer
)

// Off is what a test says to Redis, by ECHO, before something happens to Redis that is not a command:
// what follows is not checked until the next snapshot.
const Off = "chaos: off"

const snapshotScript = "-- chaos: snapshot"

// ReadsOnly is how a script begins that writes nothing, and is run so often that a trace does not
// have it.
const ReadsOnly = "-- chaos: reads only"

// SnapshotScript answers with all keys that there are. It is sent by EVAL with no key and two
// arguments: a name of this snapshot, and the names of the token keys, one a line. So the place of
// the snapshot among the commands is known.
const SnapshotScript = snapshotScript + `
local all = {}
local function add(key)
  local kind, ttl = redis.call('TYPE', key)['ok'], redis.call('PTTL', key)
  local one = {kind = kind, ms = ttl}
  if kind == 'string' then
    one.text = redis.call('GET', key)
  elseif kind == 'hash' then
    local h = redis.call('HGETALL', key)
    one.hash = {}
    for i = 1, #h, 2 do
      one.hash[h[i]] = h[i + 1]
    end
  end
  if ttl ~= -2 then
    all[key] = one
  end
end
for key in string.gmatch(ARGV[2], '[^\n]+') do
  add(key)
  for _, beside in ipairs(redis.call('KEYS', '{' .. key .. '}:*')) do
    add(beside)
  end
end
all[''] = {kind = 'none', ms = 0}
return cjson.encode(all)`

// SnapshotIn returns the name of the snapshot that a line is about, if it is about one.
func SnapshotIn(text string) (name string, is bool) {
	if !strings.Contains(text, snapshotScript) {
		return "", false
	}
	l, err := newLine(0, text)
	if err != nil || len(l.args) != 5 || l.args[1] != SnapshotScript {
		return "", false
	}
	return l.args[3], true
}

// Filter drops the scripts that begin with [ReadsOnly] from the lines of MONITOR, with all that
// they do.
type Filter struct{ within bool }

// Drops reports whether the next line does not belong to the trace.
func (f *Filter) Drops(text string) bool {
	_, rest, _ := strings.Cut(text, " [")
	where, command, _ := strings.Cut(rest, "] ")
	if strings.HasSuffix(where, " lua") {
		return f.within
	}
	f.within = strings.HasPrefix(strings.ToUpper(command), `"EVAL" "`+strings.ToUpper(ReadsOnly))
	return f.within
}

// line is a command that Redis carried out, as MONITOR tells it.
type line struct {
	number int
	at     time.Time // by the clock of Redis
	db     string
	from   string // the address of the client, or "lua"
	args   []string
}

// newLine reads a line: 1796030433.003052 [1 127.0.0.1:48276] "SET" "key" "\x00".
func newLine(number int, text string) (line, error) {
	bad := fmt.Errorf("line %d is not of MONITOR: %q", number, text)
	stamp, rest, ok := strings.Cut(text, " [")
	where, rest, ok2 := strings.Cut(rest, "] ")
	db, from, ok3 := strings.Cut(where, " ")
	seconds, micros, ok4 := strings.Cut(stamp, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	us, err2 := strconv.ParseInt(micros, 10, 64)
	if !ok || !ok2 || !ok3 || !ok4 || err != nil || err2 != nil {
		return line{}, bad
	}
	l := line{number: number, at: time.Unix(s, us*1000), db: db, from: from}
	for rest != "" {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return line{}, bad
		}
		arg, err := strconv.Unquote(quoted)
		if err != nil {
			return line{}, bad
		}
		l.args = append(l.args, arg)
		rest = strings.TrimPrefix(rest[len(quoted):], " ")
	}
	if len(l.args) == 0 {
		return line{}, bad
	}
	l.args[0] = strings.ToUpper(l.args[0])
	return l, nil
}
