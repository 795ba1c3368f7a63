// Package trace checks what a real Redis carried out, as MONITOR tells it, by the rules of
// proof/rules: each script of store/redis, with what its keys had before and after it, in the
// order in which the server ran them.
//
// A trace is the lines of MONITOR, and between them what a recorder adds: where it begins and
// ends, since a connection may be lost, and snapshots of all keys. What the keys have is known
// from a snapshot on, by the commands that follow, those within scripts among them: that is what
// the server did, not what it should have done. Nothing tells of a key that Redis evicts, loses or
// finds again; before such a fault the recorder says [Off], and after it takes a snapshot, with
// which a trace begins anew.
package trace

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/proof/rules"
)

// slack is by how much the clock of MONITOR may differ from the one by which a key ends: Redis may
// be without a processor between the two.
const slack = 500 * time.Millisecond

// Verdict is what a trace shows.
type Verdict struct {
	Steps   int      // scripts that were checked
	Unsure  int      // that were not, as a key ended just then, or the server was stopped
	Parts   int      // of the trace that could be checked, each from a snapshot on
	Broken  []string // what does not follow the rules: the property, what was done, and where
	Missing []string // what makes the trace worth nothing: a command that this package does not know
}

// Check reads a trace. Tokens for which dead reports true were refused by the API.
func Check(trace io.Reader, dead func(token string) bool) (Verdict, error) {
	var texts []string
	scanner := bufio.NewScanner(trace)
	scanner.Buffer(nil, 64<<20)
	answers := make(map[string]string)
	for scanner.Scan() {
		text := scanner.Text()
		if rest, is := strings.CutPrefix(text, Snapshot+" "); is {
			name, answer, _ := strings.Cut(rest, " ")
			answers[name] = answer
		}
		texts = append(texts, text)
	}
	if err := scanner.Err(); err != nil {
		return Verdict{}, fmt.Errorf("trace: %w", err)
	}
	c := &checking{
		answers: answers, dead: dead, sources: make(map[string]string), clients: make(map[string]string),
		seen: make(map[string]bool), foreign: make(map[string]bool), numbers: make(map[string]int),
	}
	for i, text := range texts {
		switch {
		case text == Began, text == Ended:
			c.finish()
			c.off()
		case strings.HasPrefix(text, Snapshot), text == "":
		default:
			l, err := newLine(i+1, text)
			if err != nil {
				return c.Verdict, fmt.Errorf("trace: %w", err)
			}
			if err := c.line(l); err != nil {
				return c.Verdict, fmt.Errorf("trace: line %d: %w", i+1, err)
			}
		}
	}
	c.finish()
	return c.Verdict, nil
}

// checking goes through a trace.
type checking struct {
	Verdict
	answers map[string]string // of snapshots
	dead    func(token string) bool
	sources map[string]string // of scripts, by their digest
	clients map[string]string // their names, by address
	seen    map[string]bool   // tokens
	foreign map[string]bool   // tokens that another program wrote

	db      string // of the keys
	tokens  []string
	keys    keys                     // nil while they are not known
	replays map[string]*rules.Replay // by token key
	running *run                     // the script to which lines of lua belong; nil for none of ours
	strange bool                     // they belong to one whose source nobody has seen
	numbers map[string]int           // of clients, by their names
}

// off ends what can be checked.
func (c *checking) off() { c.keys, c.replays = nil, nil }

// anew begins with what is known by then: tokens from before may have been refused or replaced
// while nobody saw it.
func (c *checking) anew() {
	c.Parts++
	c.replays = make(map[string]*rules.Replay)
	for _, key := range c.tokens {
		r := new(rules.Replay)
		for token := range c.seen {
			r.Dead(token)
		}
		c.replays[key] = r
	}
}

func (c *checking) line(l line) error {
	if l.from == "lua" {
		if c.strange {
			c.Missing = append(c.Missing, fmt.Sprintf("line %d: nobody has seen the source of this script", l.number))
			c.strange = false
			c.off()
		}
		if r := c.running; r != nil {
			if took := l.at.Sub(r.at); took > slack {
				r.still = took
			}
			r.did = append(r.did, l.args)
		}
		c.change(l, c.running == nil)
		return nil
	}
	c.finish()
	switch c.strange = false; l.args[0] {
	case "SCRIPT":
		if len(l.args) == 3 && strings.EqualFold(l.args[1], "LOAD") {
			c.learn(l.args[2])
		}
	case "CLIENT":
		if len(l.args) == 3 && strings.EqualFold(l.args[1], "SETNAME") {
			c.clients[l.from] = l.args[2]
		}
	case "ECHO":
		if len(l.args) == 2 && l.args[1] == Off {
			c.off()
		}
	case "EVAL":
		return c.script(l, c.learn(l.args[1]))
	case "EVALSHA":
		source, known := c.sources[strings.ToLower(l.args[1])]
		c.strange = !known
		return c.script(l, source)
	default:
		c.change(l, true)
	}
	return nil
}

func (c *checking) learn(source string) string {
	sum := sha1.Sum([]byte(source))
	c.sources[hex.EncodeToString(sum[:])] = source
	return source
}

// script begins a script.
func (c *checking) script(l line, source string) error {
	n := int(number(l.args[2]))
	if n < 0 || 3+n > len(l.args) {
		return fmt.Errorf("a script has %d keys", n)
	}
	keys, argv := l.args[3:3+n], l.args[3+n:]
	if source == SnapshotScript && len(argv) == 2 {
		return c.snapshot(l, argv[0], argv[1])
	}
	if op := rules.OpOf(source); op != 0 && c.keys != nil && l.db == c.db {
		if len(argv) != arguments[op] {
			return fmt.Errorf("a script has %d arguments, want %d: they are read by their numbers here and in proof/rules", len(argv), arguments[op])
		}
		c.running = &run{line: l, op: op, keys: keys, argv: argv, before: maps.Clone(c.keys)}
	}
	return nil
}

// snapshot begins a part of the trace, or compares what is known with what is there.
func (c *checking) snapshot(l line, name, tokens string) error {
	answer, has := c.answers[name]
	if !has {
		return nil // it was lost with its connection
	}
	real, err := newKeys(l.at, answer)
	if err != nil {
		return err
	}
	c.db, c.tokens = l.db, strings.Split(tokens, "\n")
	if c.keys != nil {
		if what := c.keys.differs(l.at, real); what != "" {
			c.Missing = append(c.Missing, fmt.Sprintf("line %d: %s", l.number, what))
		}
	}
	begins := c.keys == nil
	c.keys = real
	if begins {
		c.anew()
	}
	for _, key := range c.tokens {
		c.seen[real[key].text] = true
	}
	return nil
}

// change carries out a command; by is whether it is not one of ours.
func (c *checking) change(l line, foreign bool) {
	if c.keys == nil || l.db != c.db && l.args[0] != "FLUSHALL" && l.args[0] != "SWAPDB" {
		return
	}
	at, still := l.at, time.Duration(0)
	if c.running != nil {
		at, still = c.running.at, c.running.still // in a script the time stands still
	}
	names, known := changes(l.args)
	if !known && slices.ContainsFunc(l.args[1:], func(arg string) bool { return c.tokenKey(arg) != "" }) {
		c.Missing = append(c.Missing, fmt.Sprintf("line %d: what does %s change?", l.number, l.args[0]))
		c.off()
		return
	}
	if foreign {
		c.meddle(l, names)
	}
	if names == nil || slices.ContainsFunc(names, func(key string) bool { return c.tokenKey(key) != "" }) {
		c.keys.apply(at, still, l.args)
		maps.DeleteFunc(c.keys, func(key string, _ value) bool { return c.tokenKey(key) == "" }) // written beside them
	}
}

// meddle notes what another program does.
func (c *checking) meddle(l line, names []string) {
	if names == nil {
		for _, r := range c.replays {
			r.Lost()
		}
	}
	written := sets(l.args)
	for _, key := range names {
		r := c.replays[c.tokenKey(key)]
		switch {
		case r == nil:
			continue
		case c.tokenKey(key) != key:
			r.Lost()
			continue
		}
		if token, is := written[key]; is {
			c.foreign[token], c.seen[token] = true, true
		}
		r.Dead(c.keys[key].text)
	}
}

// tokenKey returns the token key that a key belongs to, "" for one of others.
func (c *checking) tokenKey(key string) string {
	for _, one := range c.tokens {
		if key == one || strings.HasPrefix(key, "{"+one+"}:") {
			return one
		}
	}
	return ""
}

// finish checks the script that ran.
func (c *checking) finish() {
	r := c.running
	c.running = nil
	if r == nil || c.keys == nil || len(r.did) == 0 {
		return // without a command, the server did not have the script
	}
	replay := c.replays[c.tokenKey(r.keys[0])]
	if replay == nil || r.answer() == "" {
		return
	}
	step, name := r.script(c.keys, 0).Step(), c.clients[r.from]
	if c.numbers[name] == 0 {
		c.numbers[name] = len(c.numbers) + 1
	}
	step.Process = c.numbers[name]
	for _, token := range []string{step.Token, step.Old} {
		if c.dead(token) {
			replay.Dead(token)
		}
	}
	if was := step.Before.Far; was != "" && c.dead(was) {
		replay.Dead(was)
	}
	if step.Op == rules.Swap && !c.foreign[step.Token] && !c.seen[step.Token] {
		if issued := number(r.argv[10]); issued > 0 {
			replay.Issued(step.Token, time.UnixMilli(int64(issued)), step.At.Add(step.TTL+number(r.argv[9])*time.Millisecond))
		}
	}
	if step.Token != "" {
		c.seen[step.Token] = true
	}
	if r.still > 0 || r.unsure(c.keys) {
		c.Unsure++
		c.anew()
		return
	}
	c.Steps++
	for _, broken := range replay.Step(step) {
		c.Broken = append(c.Broken, fmt.Sprintf("%s (line %d, process %d is %s)", broken, r.number, step.Process, name))
	}
}
