package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/e2e/chaos/trace"
	"github.com/advoware-go/advoware/internal/rediskey"
)

const (
	key  = "some_access_token"
	lock = "{" + key + "}:lock"
	meta = "{" + key + "}:meta"

	one, two = "ONEAAAAAAAAAAAAAAAAAAAAAAA", "TWOAAAAAAAAAAAAAAAAAAAAAAA" // owners
)

// sources are enough of the scripts to tell them.
var sources = map[string]string{
	"acquire": "-- Tells how things stand with the token under KEYS[1]",
	"swap":    "-- Puts a token under KEYS[1]",
	"remove":  "-- Deletes the token under KEYS[1]",
	"release": "-- Gives the lease under KEYS[1] back",
}

// record writes traces.
type record struct {
	strings.Builder
	now       float64 // seconds
	still     float64 // seconds between a script, or as many commands of it as after says, and the next command
	after     int
	snapshots int
}

func (r *record) line(from string, args ...string) {
	fmt.Fprintf(r, "%.6f [1 %s]", r.now, from)
	for _, arg := range args {
		fmt.Fprintf(r, " %q", arg)
	}
	r.WriteString("\n")
}

// begin begins a trace of a Redis that has what the JSON says.
func (r *record) begin(has string) {
	r.WriteString(trace.Began + "\n")
	r.snapshot(has)
}

func (r *record) snapshot(has string) {
	r.snapshots++
	name := fmt.Sprint(r.snapshots)
	r.line("127.0.0.1:9", "EVAL", trace.SnapshotScript, "0", name, key)
	fmt.Fprintf(r, "%s %s %s\n", trace.Snapshot, name, has)
}

// script is a script of a process, and what it did.
func (r *record) script(process, which string, keys, argv []string, did ...[]string) {
	r.now += 0.1
	r.line(process, append(append([]string{"EVAL", sources[which], fmt.Sprint(len(keys))}, keys...), argv...)...)
	for i, args := range did {
		if i == r.after {
			r.now += r.still
		}
		r.line("lua", args...)
	}
}

// acquire is a request for the lease that a process gets, or does not.
func (r *record) acquire(process, owner, holder, takeOver string, gets bool) {
	did := [][]string{{"GETRANGE", key, "0", "9"}, {"PTTL", key}, {"GETRANGE", lock, "0", "64"}, {"PTTL", lock}}
	if gets {
		did = append(did, []string{"SET", lock, owner, "PX", "3000"})
	}
	r.script(process, "acquire", []string{key, meta, lock, "{" + key + "}:failed", "{" + key + "}:refused"},
		[]string{"9", "", owner, "3000", holder, "", "", "", takeOver, "10000", "300000", "512", "1000000"}, did...)
}

// swap is a write that puts a token in the place of old.
func (r *record) swap(process, old, tok string, issued int, back string) {
	gone := "{" + key + "}:gone:" + rediskey.Token.Of(tok)
	did := [][]string{{"GETRANGE", key, "0", "9"}, {"PTTL", key}}
	if back == "1" {
		did = append(did, []string{"GETRANGE", gone, "0", "0"})
	}
	r.script(process, "swap", []string{key, meta, gone},
		[]string{"9", old, "", "", tok, "60000", "", "", "", "110000", fmt.Sprint(issued), back}, append(did,
			[]string{"SET", key, tok, "PX", "60000"}, []string{"DEL", meta, gone}, []string{"HSET", meta, "token", tok}, []string{"PEXPIRE", meta, "60000"})...)
}

func (r *record) remove(process, old string, there bool) {
	gone := "{" + key + "}:gone:" + rediskey.Token.Of(old)
	did := [][]string{{"GETRANGE", key, "0", "9"}}
	if there {
		did = append(did, []string{"DEL", key, meta})
	}
	r.script(process, "remove", []string{key, meta, gone}, []string{"9", old, "60000"}, append(did, []string{"SET", gone, "1", "PX", "60000"})...)
}

func (r *record) release(process, owner string, did ...[]string) {
	r.script(process, "release", []string{lock, "{" + key + "}:failed", "{" + key + "}:refused"},
		[]string{owner, "0", "", "", "", "1000000", "300000", "512"}, append([][]string{{"GETRANGE", lock, "0", "64"}}, did...)...)
}

const empty = `{"": {"kind": "none", "ms": 0}}`

// Each trace is checked: broken is a property, steps how many scripts were checked.
func TestTraces(t *testing.T) {
	const a, b = "127.0.0.1:1", "127.0.0.1:2"
	for name, c := range map[string]struct {
		happens func(r *record)
		dead    string
		steps   int
		unsure  int
		broken  string
		missing string
	}{
		"a lease, its token, its end": {steps: 4, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.acquire(b, two, "", "", false)
			r.swap(a, "", "t1", 1000, "")
			r.release(a, one, []string{"DEL", lock})
		}},
		"a lease that another one has": {steps: 2, broken: "one_holder_in_a_term", happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.acquire(b, two, "", "", true)
		}},
		"a lease that is taken over by name": {steps: 2, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.acquire(b, two, one, "1", true)
		}},
		"a lease that nobody gets": {steps: 1, broken: "code_and_model_agree", happens: func(r *record) { r.acquire(a, one, "", "", false) }},
		"a lease that has ended": {steps: 2, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.now += 4
			r.acquire(b, two, "", "", true)
		}},
		"a lease that ends just then": {steps: 1, unsure: 1, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.now += 2.8
			r.acquire(b, two, "", "", true)
		}},
		"a server that stands still as a script begins": {steps: 2, unsure: 2, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.still = 8
			r.acquire(b, two, "", "", true)
			r.still = 0
			r.acquire(a, one, "", "", false)
			r.snapshot(`{"` + lock + `": {"kind": "string", "text": "` + two + `", "ms": 2900}}`)
			r.acquire(a, one, "", "", false)
		}},
		"a server that stands still within a script": {steps: 2, unsure: 2, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.still, r.after = 8, 2
			r.acquire(b, two, "", "", true)
			r.still = 0
			r.acquire(a, one, "", "", false)
			r.snapshot(`{"` + lock + `": {"kind": "string", "text": "` + two + `", "ms": 2900}}`)
			r.acquire(a, one, "", "", false)
		}},
		"a server that stands still, and the script began before that": {steps: 2, unsure: 1, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.still = 8
			r.acquire(b, two, "", "", true)
			r.still = 0
			r.snapshot(empty)
			r.acquire(a, one, "", "", true)
		}},
		"a lease that another one has, after the server stood still": {steps: 3, unsure: 2, broken: "one_holder_in_a_term", happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.still = 8
			r.acquire(b, two, "", "", true)
			r.still = 0
			r.release(b, two, []string{"DEL", lock})
			r.acquire(a, one, "", "", true)
			r.acquire(b, two, "", "", true)
		}},
		"a token in place of a newer one, long after the server stood still": {steps: 3, unsure: 1, broken: "late_write_changes_nothing_newer", happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.still = 8
			r.acquire(b, two, "", "", true)
			r.still = 0
			r.now += 20
			r.swap(a, "", "t2", 999_000, "")
			r.swap(b, "t2", "t1", 900_000, "")
		}},
		"a key whose end is not known, since the server stood still as it was written": {steps: 1, unsure: 2, happens: func(r *record) {
			r.still = 8
			r.swap(a, "", "t1", 900_000, "")
			r.still = 0
			r.now += 53 // between 60 s after the one instant and after the other
			r.swap(a, "t1", "t2", 999_000, "")
			r.swap(a, "t2", "t3", 999_500, "")
		}},
		"a refusal that has just been left": {steps: 3, broken: "one_refusal_one_request", happens: func(r *record) {
			refused := "{" + key + "}:refused"
			line := fmt.Sprintf("ab12 %d 60000 no", int64(r.now*1000))
			r.acquire(a, one, "", "", true)
			r.script(a, "release", []string{lock, "{" + key + "}:failed", refused}, []string{one, "60000", "ab12", "refused", "no", "1000000", "300000", "512"},
				[]string{"GETRANGE", lock, "0", "64"}, []string{"SET", refused, line, "PX", "60000"}, []string{"DEL", lock})
			r.script(b, "acquire", []string{key, meta, lock, "{" + key + "}:failed", refused},
				[]string{"9", "", two, "3000", "", "ab12", "", "", "", "10000", "300000", "512", fmt.Sprint(int64(r.now * 1000))},
				[]string{"GETRANGE", key, "0", "9"}, []string{"SET", lock, two, "PX", "3000"})
		}},
		"the lease of another one is given back": {steps: 2, broken: "one_holder_in_a_term", happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.release(b, two, []string{"DEL", lock})
		}},
		"a token in place of a newer one": {steps: 2, broken: "late_write_changes_nothing_newer", happens: func(r *record) {
			r.swap(a, "", "t2", 999_000, "")
			r.swap(b, "t2", "t1", 900_000, "")
		}},
		"a token in place of a newer one that was refused": {steps: 2, dead: "t2", happens: func(r *record) {
			r.swap(a, "", "t2", 999_000, "")
			r.swap(b, "t2", "t1", 900_000, "")
		}},
		"a token in place of a newer one, a trace apart": {steps: 2, happens: func(r *record) {
			r.swap(a, "", "t2", 999_000, "")
			r.line("127.0.0.1:9", "ECHO", trace.Off)
			r.snapshot(`{"` + key + `": {"kind": "string", "text": "t2", "ms": 50000}}`)
			r.swap(b, "t2", "t1", 900_000, "")
		}},
		"a token in place of one that is not expected": {steps: 2, broken: "code_and_model_agree", happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.swap(b, "t0", "t2", 999_000, "")
		}},
		"a deletion that nobody wanted": {steps: 2, broken: "loss_is_no_deletion", happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.line("127.0.0.1:9", "FLUSHALL")
			r.remove(a, "t1", false)
		}},
		"a deletion of a token in whose place another one stands": {steps: 3, happens: func(r *record) {
			r.swap(a, "", "t2", 999_000, "")
			gone := "{" + key + "}:gone:" + rediskey.Token.Of("t1")
			r.script(b, "swap", []string{key, meta, gone}, []string{"9", "", "", "", "t1", "60000", "", "", "", "110000", "900000", ""},
				[]string{"GETRANGE", key, "0", "9"}, []string{"PTTL", key})
			r.remove(b, "t1", false)
		}},
		"a deletion of a token that was left, and is there again": {steps: 4, broken: "loss_is_no_deletion", happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.swap(a, "t1", "t2", 999_000, "")
			r.swap(a, "t2", "t1", 900_000, "")
			r.remove(b, "t1", true)
		}},
		"a deletion after another program's": {steps: 2, happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.line("127.0.0.1:9", "DEL", key)
			r.remove(a, "t1", false)
		}},
		"a deletion that is undone": {steps: 3, dead: "t1", broken: "deletion_is_not_undone", happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.remove(a, "t1", true)
			r.swap(b, "", "t1", 900_000, "1")
		}},
		"a server that does not have the script": {steps: 1, happens: func(r *record) {
			r.script(a, "remove", []string{key, meta, meta}, []string{"9", "t1", "0"})
			r.remove(a, "t1", false)
		}},
		"a script that nobody has seen": {missing: "nobody has seen", happens: func(r *record) {
			r.line(a, "EVALSHA", "abc", "1", key)
			r.line("lua", "DEL", key)
			r.remove(a, "t1", false)
		}},
		"a command that is not known": {missing: "what does GETDEL change", happens: func(r *record) { r.line(a, "GETDEL", key) }},
		"a helper key that becomes a list": {steps: 2, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.line("127.0.0.1:9", "DEL", lock)
			r.line("127.0.0.1:9", "RPUSH", lock, "x")
			r.snapshot(`{"` + lock + `": {"kind": "list", "ms": -1}}`)
			r.line("127.0.0.1:9", "HSET", lock, "x", "y") // an error
			r.snapshot(`{"` + lock + `": {"kind": "list", "ms": -1}}`)
			r.acquire(b, two, "", "", true)
		}},
		"two tokens of another program": {steps: 1, happens: func(r *record) {
			r.line("127.0.0.1:9", "MSET", key, "t2", "other", "t3")
			r.snapshot(`{"` + key + `": {"kind": "string", "text": "t2", "ms": -1}}`)
			r.swap(a, "t2", "t1", 900_000, "")
		}},
		"a key that Redis has lost": {missing: "is gone", steps: 1, happens: func(r *record) {
			r.swap(a, "", "t1", 900_000, "")
			r.snapshot(empty)
		}},
		"a connection that was lost": {steps: 1, happens: func(r *record) {
			r.acquire(a, one, "", "", true)
			r.WriteString(trace.Ended + "\n" + trace.Began + "\n")
			r.acquire(b, two, "", "", true)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &record{now: 1000}
			r.begin(empty)
			c.happens(r)
			got, err := trace.Check(strings.NewReader(r.String()), func(token string) bool { return c.dead != "" && token == c.dead })
			if err != nil || got.Steps != c.steps || got.Unsure != c.unsure {
				t.Errorf("%+v, %v; want %d steps, %d unsure", got, err, c.steps, c.unsure)
			}
			wantText(t, got.Broken, c.broken)
			wantText(t, got.Missing, c.missing)
		})
	}
}

// What only reads is left out, with what it does, and nothing else is. The last snapshot among the
// lines is known.
func TestLinesOfATrace(t *testing.T) {
	r := &record{now: 1000}
	r.line("127.0.0.1:1", "eval", trace.ReadsOnly+"\nreturn 1", "0")
	r.line("lua", "GET", key)
	r.line("lua", "PTTL", key)
	r.line("127.0.0.1:2", "GET", "kept")
	r.line("127.0.0.1:2", "EVAL", "return 1 "+trace.ReadsOnly, "0")
	r.line("lua", "GET", "kept")
	r.begin(empty)
	r.line("127.0.0.1:2", "EVAL", "-- chaos: snapshot, not", "0", "7", key)
	var filter trace.Filter
	var kept []string
	last := ""
	for line := range strings.Lines(r.String()) {
		line = strings.TrimSuffix(line, "\n")
		if filter.Drops(line) {
			continue
		}
		kept = append(kept, line)
		if name, is := trace.SnapshotIn(line); is {
			last = name
		}
	}
	if len(kept) != 7 || !strings.Contains(kept[0], "kept") || !strings.Contains(kept[2], "kept") || last != "1" {
		t.Errorf("the last snapshot is %q, want 1, and of the lines are left, want 7 of them: %q", last, kept)
	}
}

// What is not of MONITOR is an error.
func TestOtherTextIsAnError(t *testing.T) {
	for _, text := range []string{"x", "1.2 [1 a]", "1.2 [1 a] SET", `1.2 [1 a] "SET`, `1 [1 a] "GET" "k"`} {
		if _, err := trace.Check(strings.NewReader(text), nil); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// wantText wants some texts with what in them, or none.
func wantText(t *testing.T, got []string, what string) {
	t.Helper()
	if all := strings.Join(got, "\n"); (all == "") != (what == "") || !strings.Contains(all, what) {
		t.Errorf("%q, want %q", all, what)
	}
}
