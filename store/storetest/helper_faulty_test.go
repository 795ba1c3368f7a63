package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// fault is what is wrong with a store.
type fault string

func (f fault) String() string { return string(f) }

const (
	faultless       fault = ""
	missIsNil       fault = "a miss is a zero token without error"
	missIsOther     fault = "a miss is an error of its own"
	neverStores     fault = "a zero old does not store"
	ignoresOld      fault = "stores whatever is there"
	insertOnly      fault = "never replaces"
	answersTok      fault = "answers tok instead of what stands"
	wantsOld        fault = "does not store when old is gone"
	comparesCopies  fault = "compares with =="
	takesUnusable   fault = "takes zero and expired tokens"
	unusableClears  fault = "a refused token removes the one there"
	neverDeletes    fault = "delete does nothing"
	plainDelete     fault = "deletes whatever is there"
	zeroDeletes     fault = "a zero old deletes whatever is there"
	absentIsError   fault = "delete of nothing is an error"
	oneSlot         fault = "one token for all keys"
	cutsKeys        fault = "looks at 64 bytes of a key"
	trimsKeys       fault = "trims spaces off keys"
	foldsKeys       fault = "keys in lower case"
	cutsText        fault = "keeps 4 KiB of a token"
	unescapes       fault = "decodes what looks escaped"
	writesHeader    fault = "writes into the shared Header"
	cancelLoses     fault = "a cancelled swap leaves nothing"
	cancelIsMiss    fault = "a cancelled Get is a miss"
	cancelIgnored   fault = "a cancelled swap does nothing and says it did"
	stretchesExpiry fault = "a token lives a second longer"
	keepsFirstTimes fault = "keeps the old expiry when the text is the same"
	neverEnds       fault = "does not look at the expiry"
	endedStands     fault = "an expired token stands in the way of a swap"
	firstTimerWins  fault = "a renewed token ends with the first one"
	timerOfKey      fault = "the timer of a deleted token empties its key"
	swapRaces       fault = "swap compares first and stores later"
	deleteRaces     fault = "delete compares first and deletes later"
	tearsWrites     fault = "writes a token in two steps"
	getsLag         fault = "a write is seen by readers a millisecond late"
	deadlineIsOther fault = "a deadline that has passed is an error of its own"
	causeIsError    fault = "the cause of a context is the error"
	crossesKeys     fault = "a reader can get the token written last, of any key"
)

type seeded struct {
	fault  fault
	breaks []string
}

var broken = []seeded{
	{missIsNil, []string{"GetAbsent"}},
	{missIsOther, []string{"GetAbsent"}},
	{neverStores, []string{"SwapIntoEmpty"}},
	{ignoresOld, []string{"SwapWrongOld", "SwapZeroOld", "RaceIntoEmpty"}},
	{insertOnly, []string{"SwapRightOld"}},
	{answersTok, []string{"SwapWrongOld", "SwapZeroOld", "RaceIntoEmpty"}},
	{wantsOld, []string{"SwapOldGone"}},
	{comparesCopies, []string{"SwapEqualCopy", "DeleteExact"}},
	{takesUnusable, []string{"SwapUnusable"}},
	{unusableClears, []string{"SwapUnusable"}},
	{neverDeletes, []string{"DeleteExact"}},
	{plainDelete, []string{"DeleteOlder", "RaceLateDeletes", "RaceDeleteSwap", "SwapAfterEnd"}},
	{zeroDeletes, []string{"DeleteZero"}},
	{absentIsError, []string{"DeleteAbsent"}},
	{oneSlot, []string{"Keys"}},
	{cutsKeys, []string{"Keys"}},
	{trimsKeys, []string{"Keys"}},
	{foldsKeys, []string{"Keys"}},
	{cutsText, []string{"Text"}},
	{unescapes, []string{"Text"}},
	{writesHeader, []string{"Text"}},
	{cancelLoses, []string{"Cancelled"}},
	{cancelIsMiss, []string{"Cancelled"}},
	{cancelIgnored, []string{"Cancelled"}},
	{stretchesExpiry, []string{"Expiry", "Ends"}},
	{keepsFirstTimes, []string{"Expiry"}},
	{neverEnds, []string{"Ends", "SwapAfterEnd"}},
	{endedStands, []string{"SwapAfterEnd"}},
	{firstTimerWins, []string{"RenewedInTime"}},
	{timerOfKey, []string{"RenewedInTime"}},
	{swapRaces, []string{"RaceIntoEmpty", "RaceUpdates"}},
	{deleteRaces, []string{"RaceDeleteSwap"}},
	{tearsWrites, []string{"RaceReaders"}},
	{getsLag, []string{"RaceReaders"}},
	{deadlineIsOther, []string{"Ended"}},
	{causeIsError, []string{"Ended"}},
	{crossesKeys, []string{"RaceReaders"}},
}

// faulty is a store with one fault.
type faulty struct {
	fault  fault
	mu     sync.Mutex
	tokens map[string]store.Token
	last   string // the key written last

	before map[string]store.Token // what was there before the last write
	wrote  map[string]time.Time   // when that was
}

func newFaulty(f fault) func(testing.TB) store.Store {
	return func(testing.TB) store.Store {
		return &faulty{fault: f, tokens: make(map[string]store.Token), before: make(map[string]store.Token), wrote: make(map[string]time.Time)}
	}
}

func (s *faulty) Get(ctx context.Context, key string) (store.Token, error) {
	if err := ctx.Err(); err != nil {
		switch {
		case s.fault == cancelIsMiss:
			err = store.ErrNotFound
		case s.fault == deadlineIsOther && err == context.DeadlineExceeded:
			err = errors.New("too slow")
		case s.fault == causeIsError:
			err = context.Cause(ctx)
		}
		return store.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == crossesKeys && s.last != "" {
		key = s.last
	}
	if was, ok := s.before[key]; ok && s.fault == getsLag && time.Since(s.wrote[key]) < time.Millisecond {
		return was, nil
	}
	if tok, ok := s.tokens[s.spoilKey(key)]; ok && (s.fault == neverEnds || tok.ValidAt(time.Now())) {
		return tok, nil
	}
	switch s.fault {
	case missIsNil:
		return store.Token{}, nil
	case missIsOther:
		return store.Token{}, errors.New("nothing there")
	}
	return store.Token{}, store.ErrNotFound
}

func (s *faulty) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil && s.fault != cancelIgnored {
		if s.fault == cancelLoses {
			delete(s.tokens, key)
		}
		return store.Token{}, err
	}
	key = s.spoilKey(key)
	if err := store.CheckStorable(tok); err != nil && s.fault != takesUnusable {
		if s.fault == unusableClears {
			delete(s.tokens, key)
		}
		return store.Token{}, err
	}
	there := s.tokens[key]
	if s.fault != neverEnds && s.fault != endedStands && !there.ValidAt(time.Now()) {
		there = store.Token{}
	}
	switch {
	case there.IsZero() && (s.fault == neverStores && old.IsZero() || s.fault == wantsOld && !old.IsZero()):
		return store.Token{}, nil
	case there.IsZero() || s.fault == ignoresOld:
	case s.fault == insertOnly || !s.equal(there, old):
		if s.fault == answersTok {
			return tok, nil
		}
		return there, nil
	}
	if ctx.Err() != nil {
		return tok, nil
	}
	if s.fault == swapRaces {
		s.stumble()
	}
	s.write(key, there, tok)
	return tok, nil
}

func (s *faulty) write(key string, there, tok store.Token) {
	switch s.fault {
	case tearsWrites:
		if half := len(there.Reveal()) / 2; half > 0 {
			s.tokens[key] = retext(there, there.Reveal()[:half]+tok.Reveal()[len(tok.Reveal())/2:])
			s.stumble()
		}
	case firstTimerWins:
		if !there.IsZero() {
			tok = retime(tok, there.Expiry())
		}
	case timerOfKey:
		time.AfterFunc(time.Until(tok.Expiry()), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.tokens, key)
		})
	case keepsFirstTimes:
		if tok.Equal(there) {
			tok = there
		}
	case stretchesExpiry:
		tok = retime(tok, tok.Expiry().Add(time.Second))
	case cutsText:
		tok = retext(tok, tok.Reveal()[:min(len(tok.Reveal()), 4<<10)])
	case unescapes:
		tok = retext(tok, strings.ReplaceAll(tok.Reveal(), "%41", "A"))
	case writesHeader:
		tok.Header()[0] = "bearer " + tok.Reveal()
	}
	if s.fault == getsLag && !there.IsZero() {
		s.before[key], s.wrote[key] = there, time.Now()
	}
	s.tokens[key] = tok
	s.last = key
}

func (s *faulty) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key = s.spoilKey(key)
	there, ok := s.tokens[key]
	if !ok && s.fault == absentIsError {
		return fmt.Errorf("nothing under %q", key)
	}
	switch {
	case s.fault == neverDeletes || s.fault == plainDelete && old.IsZero():
		return nil
	case s.fault == plainDelete || s.fault == zeroDeletes && old.IsZero():
	case !ok || !s.equal(there, old):
		return nil
	}
	if s.fault == deleteRaces {
		s.stumble()
	}
	delete(s.tokens, key)
	return nil
}

// stumble lets everybody else go first.
func (s *faulty) stumble() {
	s.mu.Unlock()
	time.Sleep(time.Millisecond)
	s.mu.Lock()
}

func (s *faulty) equal(a, b store.Token) bool {
	if s.fault == comparesCopies {
		return a == b
	}
	return a.Equal(b)
}

func (s *faulty) spoilKey(key string) string {
	switch s.fault {
	case oneSlot:
		return ""
	case cutsKeys:
		return key[:min(len(key), 64)]
	case trimsKeys:
		return strings.TrimSpace(key)
	case foldsKeys:
		return strings.ToLower(key)
	}
	return key
}

func retext(tok store.Token, text string) store.Token {
	tok, err := store.NewToken(text, tok.IssuedAt(), tok.Expiry())
	if err != nil {
		panic(err)
	}
	return tok
}

func retime(tok store.Token, expiry time.Time) store.Token {
	tok, err := store.NewToken(tok.Reveal(), tok.IssuedAt(), expiry)
	if err != nil {
		panic(err)
	}
	return tok
}
