package redis

import (
	"cmp"
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/crew"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

var _ store.Many = (*Store)(nil)

const (
	// singly is how many keys are handled at a time that cannot be handled with the others.
	singly = 4

	// halves is how many exchanges, at most, look at many keys one of which has something too long
	// beside it: half of them in each, and half of that.
	halves = 24
)

// LookAll implements [store.Many], in one round trip to each server that has one of the keys.
func (s *Store) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	results, places := make([]store.Looked, len(looks)), make([]int, len(looks))
	for i := range places {
		places[i] = i
	}
	var rest []int
	for parts, exchanges := [][]int{places}, 0; len(parts) > 0; exchanges++ {
		more, cut := parts[0], parts[0][:0]
		if exchanges < halves {
			more, cut = s.lookTogether(ctx, looks, parts[0], results)
		}
		if parts = parts[1:]; len(cut) > 2*singly {
			parts, cut = append(parts, cut[:len(cut)/2], cut[len(cut)/2:]), nil
		}
		rest = append(append(rest, more...), cut...)
	}
	eachApart(rest, func(i int) *error { return &results[i].Err }, func(i int) {
		r, l, err := s.lookPlain(ctx, nil, looks[i].Key, looks[i].Had, true)
		results[i].Token, results[i].Now, results[i].Err = s.looked(looks[i], r, l, err)
	})
	return results
}

// lookTogether fills in the results at these places, and returns those that are to be looked at
// one by one: the server refuses something, or the key was moved, or has just changed. A server that
// is busy tells each alone the same. cut are those that were not read, as something beside one of
// them is too long for that: there is no telling which.
func (s *Store) lookTogether(ctx context.Context, looks []store.Looking, places []int, results []store.Looked) (rest, cut []int) {
	at := time.Now()
	all, err := call(ctx, s, func(ctx context.Context) ([]*plain, error) {
		if s.refuses(rights.Ranges) {
			return nil, errTogether
		}
		return s.plains(ctx, looks, places)
	})
	for n, i := range places {
		var r reading
		var l look
		whole, err := true, err
		if err == nil {
			r, l, whole, err = s.readingOf(ctx, all[n])
			r.at = at
		}
		switch {
		case isTooLong(err):
			cut = append(cut, i)
		case (!whole || rights.IsReply(err) || errors.Is(err, errTogether)) && !rights.IsBusy(err):
			rest = append(rest, i)
		default:
			results[i].Token, results[i].Now, results[i].Err = s.looked(looks[i], r, l, err)
		}
	}
	return rest, cut
}

// errTogether is no error of an exchange: there was none for many keys.
var errTogether = errors.New("store/redis: the operation was not made")

// plains sends the commands for the keys at these places, in one pipeline to each server.
func (s *Store) plains(ctx context.Context, looks []store.Looking, places []int) ([]*plain, error) {
	all, servers := make([]*plain, len(places)), make(map[connection][]*plain)
	for i, place := range places {
		a := looks[place]
		via, err := s.via(ctx, nil, a.Key)
		if err != nil {
			return nil, err
		}
		all[i] = s.newPlain(ctx, a.Key, a.Had, false, false)
		servers[via] = append(servers[via], all[i])
	}
	var sent []<-chan error
	for via, some := range servers {
		commands, allowed := via.Pipeline(), !s.refuses(rights.Statistics) // both counts, or none
		counts := func() (c *goredis.StringCmd) {
			if allowed {
				c = commands.Info(ctx, "stats")
			}
			return c
		}
		lost := counts()
		for _, p := range some {
			_ = commands.BatchProcess(ctx, p.commands...)
		}
		now := counts()
		for _, p := range some {
			p.lost, p.lostNow = lost, now
		}
		sent = append(sent, bounded.Run(func() { pipe.Exec(ctx, commands) }))
	}
	var err error // a panic of a hook
	for _, done := range sent {
		err = cmp.Or(err, <-done)
	}
	return all, err
}

// RestoreAll implements [store.Many], in one round trip to each server that has one of the
// keys. In a cluster, or without the right to write the timestamp keys, a second one writes
// those.
func (s *Store) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	results := make([]store.Restored, len(tokens))
	eachApart(s.restoreTogether(ctx, tokens, results), func(i int) *error { return &results[i].Err }, func(i int) {
		a := tokens[i]
		stands, err := s.swap(ctx, a.Key, a.Old, a.Token, true)
		results[i].Token, results[i].Err = s.result(ctx, "restore", a.Key, stands, err)
	})
	return results
}

func (s *Store) restoreTogether(ctx context.Context, tokens []store.Restoring, results []store.Restored) (rest []int) {
	writes, swaps, runs := make([]*writing, len(tokens)), make([]*swapping, len(tokens)), make([]pipe.Args, len(tokens))
	for i, a := range tokens {
		if s.refuses(rights.Scripts) || store.CheckStorable(a.Token) != nil {
			rest = append(rest, i)
			continue
		}
		w := s.newWriting(a.Key, a.Old.Reveal(), a.Token, true)
		writes[i], swaps[i] = w, s.newSwapping(w)
		runs[i] = pipe.Args{Keys: swaps[i].keys, Args: swaps[i].args}
	}
	replies, err := call(ctx, s, func(ctx context.Context) ([]*goredis.Cmd, error) {
		return s.scripts.RunAll(ctx, swapScript, runs), nil
	})
	var stampless []*writing
	for i, a := range tokens {
		w, r, failure := writes[i], &results[i], err
		if w == nil {
			continue
		}
		var stands *reading
		if failure == nil {
			var reply []any
			if reply, failure = replies[i].Slice(); failure == nil {
				stands, failure = s.swapped(w, swaps[i], reply)
			} else {
				failure = explained(ctx, redissaid.Hide(failure, a.Token.Reveal(), a.Old.Reveal()))
			}
		}
		switch {
		case rights.IsReadOnly(failure) && !goredis.HasErrorPrefix(failure, "READONLY"): // alone it is no better
			failure = s.refusedWrite(ctx, failure)
		case rights.IsReply(failure) && !rights.IsBusy(failure):
			rest = append(rest, i)
			continue
		case failure == nil && stands == nil:
			if r.Token = a.Token; s.wrote(w) && !swaps[i].stamped {
				stampless = append(stampless, w)
			}
		case failure == nil:
			if r.Token, failure = s.tokenOfReply(ctx, a.Key, *stands); errors.Is(failure, ended) {
				rest = append(rest, i)
				continue
			}
		}
		s.counters.write(failure)
		if failure != nil {
			r.Err = failed("restore", a.Key, failure)
		}
	}
	if len(stampless) > 0 {
		s.writeTimestamps(ctx, stampless...)
	}
	return rest
}

// eachApart makes an operation for each of these places, a few at a time. If it panics, the error
// there stays.
func eachApart(places []int, errOf func(i int) *error, do func(i int)) {
	for _, i := range places {
		*errOf(i) = errTogether
	}
	crew.Share(singly, crew.Singly, places, func(one []int) bool { do(one[0]); return true })
}
