// Package rules is the Go form of the models in proof: what each script of store/redis
// answers and leaves behind, and what must hold of a fleet whatever happens to its Redis.
//
// A simulation, or a record of what processes did to a real Redis, is replayed against it
// step by step. A [Replay] keeps what no process sees, the ghosts of the models: whose lease
// is in force, which refusals and tombstones Redis has got, when each token was issued.
// The properties have the names that they have in proof/README.md.
package rules

import (
	"fmt"
	"time"
)

// Op is a script of store/redis.
type Op int

// The scripts.
const (
	Acquire Op = iota + 1
	Swap
	Remove
	Prolong
	Release
)

// Step is one script that a process ran, with what it found.
type Step struct {
	At      time.Time
	Process int
	Op      Op

	// The arguments that have a part in the rules.
	Token       string // Swap: the new one; Remove: the old one
	Old         string // the token that is expected, or that will not do
	Owner       string
	Holder      string // Acquire: who was waited for
	Credentials string
	Tried       bool
	TakeOver    bool
	Force       bool
	Back        bool          // Swap: the token is written back
	TTL         time.Duration // of the token or the tombstone
	Kind        string        // Release: what the holder met
	Pause       time.Duration

	// Answer is what the script said: "token", "refused", "failed", "held" or "yours" of
	// Acquire; "stands", "deleted" or "stored" of Swap; nothing of the others.
	Answer string

	Before, After Redis
	Blind         bool // the lock is not among the keys of the script
	Astray        bool // the clock of the process is not within five minutes of the others'
}

// Redis is what the keys of one token have.
type Redis struct {
	Far     string // the value under the token key, "" if it cannot be a token
	Lock    string // the owner of a lease in our form, "" for anything else
	LockTTL time.Duration
	Failed  Failed
	Refused map[string]time.Duration // credentials, and how long the refusal still holds
	Buried  bool                     // the tombstone of the token that is written or removed is there
}

// Failed is what a holder has left behind.
type Failed struct {
	Holder, Credentials, Kind string
	TTL                       time.Duration
}

// The longest of ours: what lasts longer was written by somebody else.
const (
	longestLease = 10 * time.Second // code: store/redis/lease.go maxLeaseTTL
	longestPause = 5 * time.Minute  // code: store/redis/lease.go maxPause
	sameIssue    = 50 * time.Millisecond
	granule      = 2 * time.Millisecond // TTLs are read in whole milliseconds
)

// Replay has the ghosts. The zero value is a Redis of which nothing is known.
type Replay struct {
	term   string               // the owner whose lease is in force
	known  map[string]time.Time // until when Redis knows that credentials are refused
	buried map[string]time.Time // until when it knows that a token was deleted
	dead   map[string]bool      // tokens that were refused, or deleted by others
	left   map[string]bool      // tokens in whose place the fleet has another one
	issued map[string]time.Time
	ends   map[string]time.Time
}

// Issued notes that the gateway has issued a token to the fleet. One that is never noted is of
// a program that nothing is known of.
func (r *Replay) Issued(token string, at, ends time.Time) {
	set(&r.issued, token, at)
	set(&r.ends, token, ends)
}

// Dead notes that a token was refused by the API, or taken away by somebody who is not of the
// fleet. To delete it is right from now on.
func (r *Replay) Dead(token string) { set(&r.dead, token, true) }

// Lost notes that Redis may have lost what it knew beside the token, or has got something that
// the fleet did not write.
func (r *Replay) Lost() { r.known, r.buried = nil, nil }

// Step checks one step. It returns what is broken, each beginning with the name of a property.
func (r *Replay) Step(s Step) (broken []string) {
	fail := func(ok bool, property, format string, args ...any) {
		if !ok {
			broken = append(broken, property+": "+fmt.Sprintf(format, args...))
		}
	}
	if !s.Blind && (s.Before.Lock != r.term || s.Before.LockTTL <= 0 || s.Before.LockTTL > longestLease) {
		r.term = "" // its TTL, or somebody who is not of the fleet, has ended it
	}
	switch s.Op {
	case Acquire:
		r.acquire(s, fail)
	case Swap:
		r.swap(s, fail)
	case Remove:
		r.remove(s, fail)
	case Release:
		r.release(s, fail)
	case Prolong: // code: store/redis/prolong.lua
		fail(s.Before.Lock == s.After.Lock, "one_holder_in_a_term", "a lease was taken again by the one who prolonged it")
	}
	if !s.Blind && r.term != "" && s.After.Lock != r.term {
		fail(false, "one_holder_in_a_term", "the lease of %s was ended by process %d, which does not have it", r.term, s.Process)
	}
	return broken
}

type check func(ok bool, property, format string, args ...any)

// acquire is the inline of the same name in proof/lease.pml.
func (r *Replay) acquire(s Step, fail check) { // code: store/redis/acquire.lua
	b, want := s.Before, "yours"
	shares := s.Credentials != "" && !s.Force
	held := b.Lock != "" && b.LockTTL > 0 && b.LockTTL <= longestLease
	switch {
	case b.Far != "" && b.Far != s.Old:
		want = "token"
	case shares && b.Refused[s.Credentials] > 0:
		want = "refused"
	case shares && s.Tried && s.Holder != "" && b.Failed.Holder == s.Holder && b.Failed.Kind == "outage" &&
		b.Failed.Credentials == s.Credentials && b.Failed.TTL > 0 && b.Failed.TTL <= longestPause:
		want = "failed"
	case held && !(s.TakeOver && b.Lock == s.Holder):
		want = "held"
	}
	fail(s.Answer == want, "code_and_model_agree", "acquire.lua answers %s, the model %s", s.Answer, want)
	fail(s.Answer != "failed" || s.Tried, "outage_is_shared_with_those_who_met_it", "process %d has not tried", s.Process)
	if s.Answer != "yours" {
		return
	}
	fail(r.term == "" || s.TakeOver && r.term == s.Holder, "one_holder_in_a_term", "process %d has the lease of %s", s.Process, r.term)
	fail(!shares || s.Astray || !r.known[s.Credentials].After(s.At), "one_refusal_one_request", "process %d may ask the gateway", s.Process)
	fail(s.After.Lock == s.Owner && s.After.LockTTL > 0, "code_and_model_agree", "process %d has a lease that is not there", s.Process)
	if s.Force {
		delete(r.known, s.Credentials)
	}
	r.term = s.Owner
}

// swap is the inline of the same name in proof/redis.pml.
func (r *Replay) swap(s Step, fail check) { // code: store/redis/swap.lua
	if s.Owner != "" && s.Owner == r.term && s.After.Lock == "" {
		r.term = "" // the owner ends it with its write
	}
	was, back := s.Before.Far, s.Back
	if s.Answer == "stands" && was != "" && was != s.Token {
		set(&r.left, s.Token, true)
	}
	if s.Answer != "stored" || s.TTL <= 0 {
		fail(s.After.Far == was, "code_and_model_agree", "swap.lua answers %s and changes the token", s.Answer)
		return
	}
	fail(was == "" || was == s.Old, "code_and_model_agree", "swap.lua replaces another token than the one expected")
	issued, known := r.issued[was]
	mine, ours := r.issued[s.Token]
	newer := was != s.Token && known && ours && !r.dead[was] && issued.Sub(mine) > sameIssue
	fail(!newer, "late_write_changes_nothing_newer", "process %d puts a token in place of one that was issued %v later", s.Process, issued.Sub(mine))
	fail(!back || !r.buried[s.Token].After(s.At), "deletion_is_not_undone", "process %d writes back what was deleted", s.Process)
	delete(r.buried, s.Token)
	if was != "" {
		set(&r.left, was, true)
	}
	delete(r.left, s.Token)
}

// remove is the inline of the same name in proof/redis.pml.
func (r *Replay) remove(s Step, fail check) { // code: store/redis/remove.lua
	fail(s.After.Far == s.Before.Far || s.Before.Far == s.Old, "late_write_changes_nothing_newer", "process %d deletes another token than the one it means", s.Process)
	ended := r.ends[s.Old]
	old := r.left[s.Old] && s.Before.Far != s.Old // of a write that replaces one of several, all are deleted
	fail(r.dead[s.Old] || old || !s.At.Before(ended), "loss_is_no_deletion", "process %d deletes a token that nobody refused or deleted", s.Process)
	if s.TTL > 0 {
		set(&r.buried, s.Old, s.At.Add(s.TTL))
	}
}

func (r *Replay) release(s Step, fail check) { // code: store/redis/release.lua
	if s.Owner == r.term {
		r.term = ""
	}
	if s.Kind == "refused" && s.Credentials != "" && s.Pause > 0 && !s.Astray { // else nobody believes when that was
		if until := s.At.Add(min(s.Pause, longestPause) - granule); until.After(r.known[s.Credentials]) {
			set(&r.known, s.Credentials, until)
		}
	}
	fail(s.Kind != "outage" || s.Before.Lock == s.Owner || s.After.Failed.Holder != s.Owner, "outage_is_shared_with_those_who_met_it",
		"process %d leaves an outage although it does not have the lease", s.Process)
}

func set[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = v
}
