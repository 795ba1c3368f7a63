// Package budget bounds how many token requests 401s may cost, with the time as data.
//
// A 401 may be the fault of the endpoint and not of the token. Such an endpoint must not keep
// the process busy with token requests: a fetch because of a 401 withdraws one of three for a
// minute.
//
// A withdrawal is refunded when a call that was refused with the old token succeeds with the
// new one: the old one was dead, as far as can be seen, and revocations are recovered however
// many there are. An endpoint that refuses now and then, whatever the token, looks the same.
// So after two refunded withdrawals within 20 seconds a refusal is put to the test: the
// request goes out with the same token once more. A token that was revoked is refused again.
// One that is accepted shows that refusals mean nothing here: for a minute no withdrawal is
// refunded, and those that were count again.
//
// Tokens may be revoked meanwhile all the same. If four tests in a row, over a second, find a
// token refused, it is dead, and replacing it costs nothing, unless a withdrawal of this
// minute is known to have been for nothing.
//
// A Budget is for one goroutine at a time. See ARCHITECTURE.md for the decision.
package budget

import (
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Window is how long a withdrawal counts, and a token that was accepted after a refusal.
const Window = time.Minute

const (
	most        = 3 // withdrawals in a Window
	doubtAfter  = 2
	doubtWindow = 20 * time.Second
	deadTests   = 4
	deadTime    = time.Second
)

// Budget is what fetches because of a 401 have cost lately. The zero value has used
// nothing.
type Budget struct {
	withdrawals  []*Withdrawal // at most three that count, and as many that were refunded
	contradicted time.Time     // when a token was last accepted after it had been refused
	refused      streak
	noted        time.Time // when a refusal was last acted upon
}

// Lazy is a Budget that takes no memory before its first use: most have none.
type Lazy struct{ made *Budget }

// Made returns the Budget.
func (l *Lazy) Made() *Budget {
	if l.made == nil {
		l.made = new(Budget)
	}
	return l.made
}

// Withdrawal is what one fetch has cost.
type Withdrawal struct {
	at        time.Time
	tok       store.Token // what took the old one's place
	recovered bool        // refunded
	untested  bool        // never refunded
	dead      bool        // the old one was, by many tests
}

// Brought notes the token that the fetch has brought.
func (w *Withdrawal) Brought(tok store.Token) { w.tok = tok }

// streak is tests in a row that found tok refused.
type streak struct {
	tok   store.Token
	since time.Time
	tests int
}

// Withdraw notes a fetch, and whether the refusal that led to it was not put to a test
// that it should have been put to.
func (b *Budget) Withdraw(now time.Time, untested bool) *Withdrawal {
	c := &Withdrawal{at: now, untested: untested, dead: b.isDead(now)}
	b.withdrawals = append(b.withdrawals, c)
	b.refused = streak{}
	return c
}

// Refund notes that tok, which a withdrawal was made for, is better than the one before.
func (b *Budget) Refund(tok store.Token) {
	recovered := 0
	for i, c := range slices.Backward(b.withdrawals) {
		if c.tok.Equal(tok) && !c.untested {
			c.recovered = true
		}
		if c.recovered {
			recovered++
		}
		if recovered > most || c.recovered && c.dead { // of these nobody needs to know
			b.withdrawals = slices.Delete(b.withdrawals, i, i+1)
			return
		}
	}
}

// Contradict notes that a token was accepted after it had been refused, and reports
// whether that is news.
func (b *Budget) Contradict(now time.Time) bool {
	news := !b.misled(now)
	b.contradicted, b.refused = now, streak{}
	return news
}

// Confirm notes that a test found tok refused.
func (b *Budget) Confirm(now time.Time, tok store.Token) {
	if !b.refused.tok.Equal(tok) {
		b.refused = streak{tok: tok, since: now}
	}
	b.refused.tests++
}

// isDead reports whether tests that may be relied upon found a token refused.
func (b *Budget) isDead(now time.Time) bool {
	return b.misled(now) && b.refused.tests >= deadTests && now.Sub(b.refused.since) >= deadTime
}

// Doubts reports whether a refusal is to be put to the test.
func (b *Budget) Doubts(now time.Time) bool {
	if b.misled(now) {
		return true
	}
	lately := 0
	for _, c := range b.withdrawals {
		if c.recovered && now.Sub(c.at) < doubtWindow {
			lately++
		}
	}
	return lately >= doubtAfter && !b.Exhausted(now)
}

// Exhausted reports whether there is nothing left.
func (b *Budget) Exhausted(now time.Time) bool {
	b.withdrawals = slices.DeleteFunc(b.withdrawals, func(c *Withdrawal) bool { return now.Sub(c.at) >= Window })
	vain, counting := 0, 0
	for _, c := range b.withdrawals {
		if !c.recovered {
			vain++
		}
		if !c.recovered || b.misled(now) {
			counting++
		}
	}
	return counting >= most && (vain > 0 || !b.isDead(now))
}

// Note notes that a refusal was acted upon, be there a withdrawal or not.
func (b *Budget) Note(now time.Time) { b.noted = now }

// Until returns the instant until which the budget makes a difference, zero if nothing
// counts.
func (b *Budget) Until() time.Time {
	last := b.contradicted
	if b.noted.After(last) {
		last = b.noted
	}
	for _, c := range b.withdrawals {
		if c.at.After(last) {
			last = c.at
		}
	}
	if last.IsZero() {
		return last
	}
	return last.Add(Window)
}

// misled reports whether a token was accepted lately after it had been refused.
func (b *Budget) misled(now time.Time) bool {
	return !b.contradicted.IsZero() && now.Sub(b.contradicted) < Window
}
