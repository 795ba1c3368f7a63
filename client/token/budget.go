package token

import (
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A 401 may be the fault of the endpoint and not of the token, and the endpoint must
// not be able to keep the process busy with token requests: a fetch on account of a 401
// withdraws one of rejectBudget for rejectWindow.
//
// A withdrawal is refunded when a call that was refused with the old token succeeds with
// the new one: then the old one was dead, as far as can be seen, and revocations are
// recovered however many there are. An endpoint that refuses now and then, whatever the
// token, looks the same. So after doubtAfter withdrawals within doubtWindow that were
// refunded, a refusal is put to the test: the request goes out with the same token once more.
// A token that was revoked is refused again. One that is accepted shows that refusals mean
// nothing here: for a rejectWindow no withdrawal is refunded, and those that were count
// again.
//
// Tokens may be revoked meanwhile all the same. If deadTests tests in a row, over deadTime,
// find a token refused, it is dead, and replacing it costs nothing, unless a withdrawal of this
// window is known to have been for nothing.
const (
	rejectBudget = 3
	rejectWindow = time.Minute
	doubtAfter   = 2
	doubtWindow  = 20 * time.Second
	deadTests    = 4
	deadTime     = time.Second
)

// budget is what fetches on account of a 401 have cost lately. The zero value has
// spent nothing.
type budget struct {
	withdrawals  []*withdrawal // at most rejectBudget that count, and as many that were refunded
	contradicted time.Time     // when a token was last accepted after it had been refused
	refused      streak
}

type withdrawal struct {
	at        time.Time
	tok       store.Token // what took the old one's place
	recovered bool        // refunded
	untested  bool        // never refunded
	dead      bool        // the old one was, by many tests
}

// streak is tests in a row that found tok refused.
type streak struct {
	tok   store.Token
	since time.Time
	tests int
}

// withdraw notes a fetch, and whether the refusal that led to it was not put to a test
// that it should have been put to.
func (b *budget) withdraw(now time.Time, untested bool) *withdrawal {
	c := &withdrawal{at: now, untested: untested, dead: b.isDead(now)}
	b.withdrawals = append(b.withdrawals, c)
	b.refused = streak{}
	return c
}

// refund notes that tok, which a withdrawal was made for, is better than the one before.
func (b *budget) refund(tok store.Token) {
	recovered := 0
	for i, c := range slices.Backward(b.withdrawals) {
		if c.tok.Equal(tok) && !c.untested {
			c.recovered = true
		}
		if c.recovered {
			recovered++
		}
		if recovered > rejectBudget || c.recovered && c.dead { // of these nobody needs to know
			b.withdrawals = slices.Delete(b.withdrawals, i, i+1)
			return
		}
	}
}

// contradict notes that a token was accepted after it had been refused, and reports
// whether that is news.
func (b *budget) contradict(now time.Time) bool {
	news := !b.misled(now)
	b.contradicted, b.refused = now, streak{}
	return news
}

// confirm notes that a test found tok refused.
func (b *budget) confirm(now time.Time, tok store.Token) {
	if !b.refused.tok.Equal(tok) {
		b.refused = streak{tok: tok, since: now}
	}
	b.refused.tests++
}

// isDead reports whether tests that may be relied upon found a token refused.
func (b *budget) isDead(now time.Time) bool {
	return b.misled(now) && b.refused.tests >= deadTests && now.Sub(b.refused.since) >= deadTime
}

// doubts reports whether a refusal is to be put to the test.
func (b *budget) doubts(now time.Time) bool {
	if b.misled(now) {
		return true
	}
	lately := 0
	for _, c := range b.withdrawals {
		if c.recovered && now.Sub(c.at) < doubtWindow {
			lately++
		}
	}
	return lately >= doubtAfter && !b.exhausted(now)
}

// exhausted reports whether there is nothing left.
func (b *budget) exhausted(now time.Time) bool {
	b.withdrawals = slices.DeleteFunc(b.withdrawals, func(c *withdrawal) bool { return now.Sub(c.at) >= rejectWindow })
	vain, counting := 0, 0
	for _, c := range b.withdrawals {
		if !c.recovered {
			vain++
		}
		if !c.recovered || b.misled(now) {
			counting++
		}
	}
	return counting >= rejectBudget && (vain > 0 || !b.isDead(now))
}

// misled reports whether a token was accepted lately after it had been refused.
func (b *budget) misled(now time.Time) bool {
	return !b.contradicted.IsZero() && now.Sub(b.contradicted) < rejectWindow
}
