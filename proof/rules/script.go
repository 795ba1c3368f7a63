package rules

import (
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Script is a script of store/redis that ran on a Redis. Its arguments are as they came.
type Script struct {
	At      time.Time // by the clock of Redis
	Process int
	Op      Op
	Keys    []string
	Argv    []string
	Answer  string // as Step has it

	Before, After map[string]Value // of Keys
}

// Value is what a key has. The zero value is that of a key that is not there.
type Value struct {
	Text string
	Hash map[string]string // nil if it is no hash
	Kind string            // as TYPE says, "" or "none" for no key
	TTL  time.Duration     // negative for none
}

// words are the first ones of each script.
var words = map[Op]string{
	Acquire: "-- Tells how things stand with the token under KEYS[1]",
	Swap:    "-- Puts a token under KEYS[1]",
	Remove:  "-- Deletes the token under KEYS[1]",
	Prolong: "-- Prolongs the lease under KEYS[1]",
	Release: "-- Gives the lease under KEYS[1] back",
}

// OpOf returns which script has that source, 0 for none of ours.
func OpOf(source string) Op {
	for op, first := range words {
		if strings.Contains(source, first) {
			return op
		}
	}
	return 0
}

// Step returns what the script did, as the models have it.
func (s Script) Step() Step {
	step := Step{At: s.At, Process: s.Process, Op: s.Op, Answer: s.Answer}
	n, now := s.names(), s.At
	switch s.Op {
	case Acquire:
		step.Old, step.Owner, step.Holder, step.Credentials = s.arg(2), s.arg(3), s.arg(5), s.arg(6)
		step.Force, step.Tried, step.TakeOver = s.arg(7) == "1", s.arg(8) == "1", s.arg(9) == "1"
		if ms, err := strconv.ParseInt(s.arg(13), 10, 64); err == nil {
			now = time.UnixMilli(ms) // the process has a clock of its own
		}
	case Swap:
		step.Old, step.Token, step.TTL, step.Owner, step.Back = s.arg(2), s.arg(5), milliseconds(s.arg(6)), s.arg(7), s.arg(12) == "1"
	case Remove:
		step.Old, step.TTL = s.arg(2), milliseconds(s.arg(3))
	case Prolong:
		step.Owner = s.arg(1)
	case Release:
		step.Owner, step.Pause, step.Credentials, step.Kind = s.arg(1), milliseconds(s.arg(2)), s.arg(3), s.arg(4)
	}
	step.Blind = n.lock == ""
	step.Before, step.After = n.in(s.Before, now), n.in(s.After, now)
	return step
}

// arg returns an argument, numbered as in the script.
func (s Script) arg(n int) string {
	if n > len(s.Argv) {
		return ""
	}
	return s.Argv[n-1]
}

// names are the keys that a script was given, by what they have.
type names struct{ token, tombstone, lock, failed, refused string }

func (s Script) names() (n names) {
	switch s.Op {
	case Acquire:
		n = names{token: s.Keys[0], lock: s.Keys[2], failed: s.Keys[3], refused: s.Keys[4]}
	case Swap, Remove:
		n = names{token: s.Keys[0]}
		if s.Keys[2] != s.Keys[1] {
			n.tombstone = s.Keys[2]
		}
		if s.Op == Swap && s.arg(7) != "" {
			n.lock = s.Keys[len(s.Keys)-1]
		}
	case Prolong:
		n = names{lock: s.Keys[0]}
	case Release:
		n = names{lock: s.Keys[0], failed: s.Keys[1], refused: s.Keys[2]}
	}
	return n
}

// in returns what the keys have.
func (n names) in(all map[string]Value, now time.Time) (r Redis) {
	if v := all[n.token]; usable(v) {
		r.Far = v.Text
	}
	if v, has := all[n.tombstone]; has {
		r.Buried = v.Kind != "" && v.Kind != "none"
	}
	if v := all[n.lock]; v.Kind == "string" && owns(v.Text) {
		r.Lock, r.LockTTL = v.Text, v.TTL.Truncate(time.Millisecond)
	}
	if v := all[n.failed]; v.Kind == "hash" {
		r.Failed = Failed{Holder: v.Hash["holder"], Credentials: v.Hash["credentials"], Kind: v.Hash["kind"], TTL: v.TTL.Truncate(time.Millisecond)}
		if _, has := v.Hash["message"]; !has {
			r.Failed.Kind = ""
		}
	}
	if v := all[n.refused]; v.Kind == "string" {
		r.Refused = refusals(v, now)
	}
	return r
}

// usable is the condition of acquire.lua and swap.lua.
func usable(v Value) bool {
	return v.Kind == "string" && v.Text != "" && len(v.Text) <= store.MaxTokenBytes && v.TTL.Truncate(time.Millisecond) > 0 &&
		strings.IndexFunc(v.Text, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

// owns reports whether a text has the form of an owner.
func owns(text string) bool {
	return len(text) >= 26 && len(text) <= 64 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// refusals reads what refusals.lua believes, and how long each still holds.
func refusals(v Value, now time.Time) map[string]time.Duration {
	const most, longest, message = 16, 5 * time.Minute, 512
	if len(v.Text) > most*(message+96) {
		return nil
	}
	type line struct {
		credentials string
		at, left    int64
	}
	var lines []line
	whole := int64(0)
	for text := range strings.SplitSeq(v.Text, "\n") {
		parts := strings.SplitN(text, " ", 4)
		if len(parts) < 4 || parts[3] == "" {
			continue
		}
		at, err := strconv.ParseInt(parts[1], 10, 64)
		ms, err2 := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || err2 != nil || parts[0] == "" || strings.Trim(parts[0], "0123456789abcdefABCDEF") != "" {
			continue
		}
		whole = max(whole, ms)
		lines = append(lines, line{parts[0], at, ms})
	}
	ttl := int64(-1)
	if v.TTL >= 0 {
		ttl = v.TTL.Milliseconds()
	}
	held := make(map[string]time.Duration)
	if ttl > whole || whole > longest.Milliseconds() {
		return held
	}
	for _, one := range lines {
		left := one.left - (whole - ttl)
		if off := now.UnixMilli() - one.at; left > 0 && max(off, -off) <= longest.Milliseconds() && len(held) < most {
			if _, has := held[one.credentials]; !has {
				held[one.credentials] = time.Duration(left) * time.Millisecond
			}
		}
	}
	return held
}

func milliseconds(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}
