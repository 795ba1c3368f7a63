package budget_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/budget"
	"github.com/advoware-go/advoware/store"
)

// account is a Budget with a clock of its own, and tokens that are numbered.
type account struct {
	budget.Budget
	now time.Time
	n   int
}

func newAccount() *account { return &account{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (a *account) pass(d time.Duration) { a.now = a.now.Add(d) }

// fetch is a token request because of a 401, and the token that it brings.
func (a *account) fetch(t *testing.T, untested bool) store.Token {
	t.Helper()
	a.n++
	tok, err := store.NewToken("token-"+strconv.Itoa(a.n), time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	a.Withdraw(a.now, untested).Brought(tok)
	return tok
}

func (a *account) want(t *testing.T, when string, exhausted, doubts bool) {
	t.Helper()
	if e, d := a.Exhausted(a.now), a.Doubts(a.now); e != exhausted || d != doubts {
		t.Errorf("%s: exhausted %t, doubts %t; want %t, %t", when, e, d, exhausted, doubts)
	}
}

func TestThreeWithdrawalsAMinute(t *testing.T) {
	a := newAccount()
	a.want(t, "at first", false, false)
	for range 3 {
		a.want(t, "before the third", false, false)
		a.fetch(t, false)
		a.pass(time.Second)
	}
	a.want(t, "after three", true, false)
	a.pass(budget.Window - 3*time.Second - 1)
	a.want(t, "just before the first has gone", true, false)
	a.pass(1)
	a.want(t, "when the first has gone", false, false)
}

func TestRefundedWithdrawalsCostNothingAndRaiseDoubts(t *testing.T) {
	a := newAccount()
	for range 20 {
		a.Refund(a.fetch(t, false))
		a.want(t, "one at a time", false, false)
		a.pass(20 * time.Second)
	}
	a.Refund(a.fetch(t, false))
	a.Refund(a.fetch(t, false))
	a.want(t, "two in quick succession", false, true)
	a.pass(20 * time.Second)
	a.want(t, "twenty seconds later", false, false)
}

func TestUntestedWithdrawalIsNotRefunded(t *testing.T) {
	a := newAccount()
	for range 3 {
		a.Refund(a.fetch(t, true))
	}
	a.want(t, "after three", true, false)
}

// A token that is accepted after it was refused shows that refusals mean nothing.
func TestContradictionMakesRefundsCount(t *testing.T) {
	a := newAccount()
	for range 3 {
		a.Refund(a.fetch(t, false))
	}
	a.want(t, "refunded", false, true)
	if !a.Contradict(a.now) || a.Contradict(a.now) {
		t.Error("the first contradiction is news, and the second is none")
	}
	a.want(t, "contradicted", true, true)
	a.pass(budget.Window)
	a.want(t, "a minute later", false, false)
	if !a.Contradict(a.now) {
		t.Error("then it is news again")
	}
}

// Many tests in a row find the token refused: it is dead, and replacing it is free.
func TestTokenThatManyTestsFindRefusedIsReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		tests     int
		over      time.Duration
		vain      bool // a withdrawal is known to have been for nothing
		exhausted bool
	}{
		"dead":                {tests: 4, over: time.Second},
		"too few":             {tests: 3, over: time.Second, exhausted: true},
		"too quickly":         {tests: 4, over: time.Second - 1, exhausted: true},
		"others were in vain": {tests: 4, over: time.Second, vain: true, exhausted: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			var tok store.Token
			for i := range 3 {
				if tok = a.fetch(t, false); i > 0 || !c.vain {
					a.Refund(tok)
				}
			}
			a.Contradict(a.now)
			for i := range c.tests {
				if i == c.tests-1 {
					a.pass(c.over)
				}
				a.Confirm(a.now, tok)
			}
			a.want(t, "after the tests", c.exhausted, true)
			a.Contradict(a.now)
			a.want(t, "accepted after all", true, true)
		})
	}
}

func TestUntilIsTheEndOfWhatCounts(t *testing.T) {
	a := newAccount()
	if until := a.Until(); !until.IsZero() {
		t.Errorf("nothing counts until %v", until)
	}
	a.fetch(t, false)
	if until := a.Until(); !until.Equal(a.now.Add(budget.Window)) {
		t.Errorf("a withdrawal counts until %v", until)
	}
	a.pass(time.Second)
	a.Contradict(a.now)
	if until := a.Until(); !until.Equal(a.now.Add(budget.Window)) {
		t.Errorf("a contradiction counts until %v", until)
	}
}
