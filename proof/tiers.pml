/*
 * The tiers: two processes with a near store each, the far one behind them, pushes and
 * gaps, refusals, write-back and tombstones. There is no lease here: each process fetches
 * when it likes, which is all that a lease that has failed allows. See README.md for what is
 * left out, and why that is sound.
 *
 * In each process three goroutines run: a caller, the one that looks at far after a push
 * (the looker), and the one that makes pending writes (the flusher).
 *
 *   -DTOKENS=3    tokens that the gateway issues
 *   -DCALLS=1     what a process does: a call, or a renewal
 *   -DFAULTS=1    of Redis, the network and the foreign writer
 *   -DREVOKED=1   tokens that the API refuses from some instant on
 *   -DBUG_...     seeded mistakes; see README.md
 */

#ifndef TOKENS
#define TOKENS	3
#endif
#ifndef CALLS
#define CALLS	1
#endif
#ifndef CALLS1
#define CALLS1	CALLS	/* of the second process */
#endif
#ifndef FAULTS
#define FAULTS	1
#endif
#ifndef REVOKED
#define REVOKED	1
#endif
#define PROCS	2

/* Why far is looked at: code: store/tiered/watch.go changed */
#define PUSHED	1
#define GAP	2
#define ANYHOW	4
#ifdef OVERTAKEN
#define LATER	8	/* the gap came after the push, and may still be on its way when the look begins */
#else
#define LATER	0
#endif

#include "redis.pml"

/* Of each process. */
byte near[PROCS];	/* the token in the near store */
byte replaced[PROCS];	/* tombstones in memory: code: store/tiered/tombstone.go setReplaced */
byte deleted[PROCS];	/* code: store/tiered/tombstone.go setDeleted */
byte rejected[PROCS];	/* the one rejected last: code: client/token/reject.go markRejected */
bool pending[PROCS];	/* a pending write, and what it does: code: store/tiered/pending.go keepPending */
bool late[PROCS];	/* its first attempt is still under way */
byte pOlds[PROCS], pTok[PROCS], pVersion[PROCS];
bool pBack[PROCS];
bool writing[PROCS];	/* writes go one after the other: code: store/tiered/internal/far/operation.go Write */
byte due[PROCS];	/* the causes of the next look: code: store/tiered/watch.go look */
byte moved[PROCS];	/* what was told since the look began: code: store/tiered/watch.go changes */
byte told[PROCS];	/* what was told since the caller began its exchange */
bool under[PROCS];	/* an exchange that may bring a token is under way: code: store/tiered/watch.go begin */
bool missed[PROCS];	/* a gap was looked at meanwhile, while near had nothing: code: store/tiered/many.go sightOf */
bool relinked[PROCS];	/* the connection for pushes is another one than before */
byte losses[PROCS];	/* the count of evictions when the token was last seen: code: store/tiered/many.go lookIntoFar */
bool down[PROCS];	/* no connection for pushes */
byte calls[PROCS];
bool acts[PROCS];	/* the caller is in the middle of something */
bool looks[PROCS];	/* so is the looker */
bool doubts[PROCS];	/* it waits for the push of a deletion */

byte issued;		/* by the gateway */
byte revoked;		/* tokens that the API refuses */
byte faults = FAULTS, revocations = REVOKED;

/* Ghosts. */
byte refusedTo[PROCS];	/* tokens whose refusal or deletion the process has seen */

HIDDEN byte w, v;	/* of loops within one step */
HIDDEN byte refused_token_is_not_handed_out, newer_token_stands_in_the_end, loss_is_no_deletion, near_and_far_agree_in_the_end, deleted_token_is_not_in_far_in_the_end;

/*
 * A change of the token key is told to those who are connected. That the push takes a while
 * is the same as a look that begins later. A gap that comes after a push is told with it,
 * except with -DOVERTAKEN; README.md says what happens then.
 */
inline tell(why)	/* code: internal/watch/track.go pushed */
{
	for (w : 0 .. PROCS-1) {
		if
		:: !down[w] -> moved[w] = moved[w] | (why) & 3; told[w] = told[w] | (acts[w] -> (why) & 3 : 0);
			due[w] = due[w] | (why) | ((why) == GAP && (due[w] & PUSHED) -> LATER : 0)
		:: down[w]
		fi
	}
}

inline changed() { tell(PUSHED) }

/* A gap that was told while the look was under way. */
#if defined(OVERTAKEN) || defined(BUG_MISSED)
#define MISSED(i)	0
#else
#define MISSED(i)	(moved[i] & GAP)
#endif

#define USABLE	(far != NONE && far != JUNK)
#define KNOWN(t)	((t) != NONE && !HAS(alien, t))
/* Whether t was issued before than, as far as that is known. */
#define BEFORE(t, than)	(KNOWN(t) && KNOWN(than) && (t) < (than))	/* code: store/tiered/tombstone.go issuedBefore */
#define TOMBS(i)	(replaced[i] | deleted[i] | (pending[i] -> pOlds[i] : 0))	/* code: store/tiered/tombstone.go tombstones */

/* A token reaches a caller; before are those that were refused or deleted when it was looked for. */
inline handOut(t, before)	/* code: client/token/source.go Token */
{
	assert(refused_token_is_not_handed_out || !HAS(before, t))
}

inline keep(olds, tok)	/* code: store/tiered/pending.go keepPending */
{
	pending[i] = true; pOlds[i] = (olds) & 254; pTok[i] = tok; pBack[i] = true;
	pVersion[i] = (pVersion[i] + 1) & 3
}

/* A newer write makes the pending one needless, if that is still the same. */
inline drop(version)	/* code: store/tiered/pending.go dropPending */
{
	if
	:: pending[i] && pVersion[i] == version -> pending[i] = false; pOlds[i] = 0; pTok[i] = 0; pBack[i] = false
	:: else
	fi
}

#ifdef BUG_ADOPT
#define CHECKS	false
#else
#define CHECKS	true
#endif

/* Near takes standing in place of old; what was rejected meanwhile is removed again. */
inline adopt(old, standing, held)	/* code: store/tiered/tiered.go adopt */
{
	atomic {
		if
		:: CHECKS && HAS(TOMBS(i), standing) -> held = NONE
		:: else ->
			if
			:: near[i] == NONE || near[i] == old -> near[i] = standing
			:: else
			fi;
			held = near[i]
		fi
	};
	atomic {
		if
		:: HAS(TOMBS(i), held) ->
			if
			:: near[i] == held -> near[i] = NONE
			:: else
			fi;
			held = NONE
		:: !HAS(TOMBS(i), held) && held == standing && held != old ->
			if
			:: old != NONE -> replaced[i] = replaced[i] | BIT(old)
			:: else
			fi;
			if
			:: pending[i] && pTok[i] == old && old != NONE -> drop(pVersion[i])
			:: else
			fi
		:: else
		fi
	}
}

/* Whether near's token is the successor of far's. */
inline superseded(n, t, is)	/* code: store/tiered/tiered.go isSuperseded */
{
	if
	:: BEFORE(t, n) -> replaced[i] = replaced[i] | BIT(t)
	:: else
	fi;
	is = HAS(TOMBS(i), t)
}

/* The loop over what tok may replace; the exchange may fail before or after its effect. */
inline flush(olds, guess, tok, back, st, err)	/* code: store/tiered/pending.go flush */
{
	do
	:: atomic { !writing[i] || st != NONE -> writing[i] = true;
		swap(guess, tok, back, st);
		if
		:: st != tok && st != DELETED && HAS(olds, st) && st != guess -> guess = st
		:: else -> break
		fi }
	:: atomic { (!writing[i] || st != NONE) && faults > 0 -> faults--; writing[i] = true; err = true; break }
	:: atomic { (!writing[i] || st != NONE) && faults > 0 -> faults--; writing[i] = true; swap(guess, tok, back, st); err = true; break }
	od
}

/* Deletes old in both tiers: near at once, far as soon as it can be. */
inline compareAndDelete(old, olds, tok, back, version, st, err)	/* code: store/tiered/tiered.go compareAndDelete */
{
	atomic { deleted[i] = deleted[i] | BIT(old); dead = dead | BIT(old) };
	atomic {
		if
		:: near[i] == old -> near[i] = NONE
		:: else
		fi;
		refusedTo[i] = refusedTo[i] | BIT(old);	/* a hit that began before this may have had it */
		/* code: store/tiered/pending.go pendingDelete */
		olds = BIT(old) | (pending[i] -> pOlds[i] : 0);
		tok = (pending[i] && pTok[i] != old -> pTok[i] : NONE);
		back = pBack[i]; version = (pending[i] -> pVersion[i] : 7); err = false; st = NONE
	};
	if
	:: tok != NONE -> flush(olds, old, tok, back, st, err)
	:: atomic { tok == NONE && !writing[i] ->
		for (v : 1 .. TOKENS) {
			if
			:: HAS(olds, v) -> remove(v)
			:: else
			fi
		} }
	:: atomic { tok == NONE && !writing[i] && faults > 0 -> faults--; err = true }
	fi;
	atomic {
		if
		:: err -> keep(olds, tok)
		:: !err -> drop(version)
		fi;
		if
		:: !err && tok != NONE && st != tok -> due[i] = due[i] | GAP
		:: else
		fi;
		writing[i] = false; olds = 0; tok = NONE; version = 0; st = NONE; err = false; back = false
	}
}

proctype caller(byte i)
{
	byte t, old, instead, tok, st, olds, guess, version, refusedThen;
	bool err, is, back;

next:	atomic {
		acts[i] = false; told[i] = 0; t = NONE; old = NONE; instead = NONE; tok = NONE; st = NONE;
		olds = 0; guess = NONE; version = 0; err = false; is = false; back = false; refusedThen = 0
	};
end:	atomic {
		calls[i] > 0 -> calls[i]--; acts[i] = true;
		if
		:: true
		:: near[i] != NONE -> instead = near[i]; goto find	/* code: client/token/renew.go renew */
		fi
	};

use:	/* code: client/token/source.go Lookup */
	atomic {
		t = near[i];
		if
		:: t != NONE -> handOut(t, refusedTo[i]); goto answer
		:: else
		fi
	};

find:	/* code: client/token/fetch.go current */
	atomic {
		old = near[i];
		if
		:: old != NONE && old != instead && old != rejected[i] -> t = old; handOut(t, refusedTo[i]); goto answer
		:: else
		fi;
		/* code: store/tiered/tiered.go Reread */
		if
		:: old != NONE && pending[i] -> st = old; refusedThen = refusedTo[i]; goto seen
		:: else
		fi;
		told[i] = 0; under[i] = true; refusedThen = refusedTo[i]
	};
	/* code: store/tiered/tiered.go readFar */
	if
	:: atomic { !writing[i] -> st = (USABLE -> far : NONE) }
	:: atomic { faults > 0 -> faults--; st = NONE }
	fi;
	if
	:: st == NONE || st == old -> st = old
	:: else ->
		/* code: store/tiered/tiered.go follow */
		atomic {
			superseded(old, st, is);
			if
			:: is -> due[i] = due[i] | (old != NONE -> ANYHOW : 0); st = old	/* code: store/tiered/tiered.go returned */
			:: else
			fi
		};
		if
		:: !is -> tok = st; adopt(old, tok, st)
		:: else
		fi
	fi;
	atomic {
		tok = NONE; is = false;
		due[i] = due[i] | told[i]; told[i] = 0; under[i] = false; missed[i] = false	/* code: store/tiered/watch.go lookAgain */
	};

seen:	/* code: client/token/alone.go alone */
	atomic {
		if
		:: st != NONE && st != instead && st != rejected[i] -> t = st; handOut(t, refusedThen); goto answer
		:: else
		fi;
		old = st; st = NONE;	/* the grant: what may be replaced */
		/* code: client/token/fetch.go request */
		if
		:: issued < TOKENS -> issued++; tok = issued
		:: else -> goto next	/* the gateway is down */
		fi
	};

	/* code: store/tiered/tiered.go CompareAndSwap */
	atomic {
		if
		:: near[i] != NONE && near[i] != old -> st = near[i]; goto saved
		:: else
		fi;
		told[i] = 0; under[i] = true;
		version = (pending[i] -> pVersion[i] : 7); refusedThen = refusedTo[i];
		olds = TOMBS(i) | BIT(old); guess = old
	};
	if
	:: flush(olds, guess, tok, false, st, err)
	:: atomic { !writing[i] && faults > 0 -> faults--; late[i] = true; err = true }	/* nobody waits for it any more, and it goes on */
	fi;
	atomic {
		if
		:: !err -> drop(version)
		:: else
		fi;
		if
		:: !err && st != tok && BEFORE(st, old) -> guess = st; swap(guess, tok, false, st)
		:: else
		fi;
		writing[i] = late[i]
	};
	if
	:: !err -> guess = NONE; adopt(old, st, guess)
	:: atomic { err ->
		if
		:: near[i] == NONE || near[i] == old -> near[i] = tok;
			replaced[i] = replaced[i] | (old != NONE -> BIT(old) : 0); passed = passed | BIT(old);
			keep(olds, tok)
		:: else
		fi;
		st = near[i] }
	fi;
	atomic {
#ifndef BUG_LOOK
		due[i] = due[i] | told[i];	/* code: store/tiered/watch.go lookAgain */
#endif
		under[i] = false; missed[i] = false
	};

saved:	/* code: client/token/fetch.go save */
	atomic {
		t = (st == rejected[i] -> tok : st);
		handOut(t, refusedThen);
		refusedThen = 0; olds = 0; guess = NONE; version = 0; err = false; tok = NONE; st = NONE; old = NONE; instead = NONE
	};

answer:	/* the API: code: client/transport.go RoundTrip */
	if
	:: atomic { !HAS(revoked, t) -> goto next }
	:: atomic { HAS(revoked, t) -> refusedThen = 0 }
	fi;
	/* code: client/token/reject.go reject */
	atomic {
		if
		:: near[i] != NONE && near[i] != t -> old = NONE; instead = NONE; goto use	/* replaced already */
		:: else
		fi;
		rejected[i] = t
	};
	compareAndDelete(t, olds, tok, back, version, st, err);
	atomic { old = NONE; instead = NONE; t = NONE };
	goto use
}

/* code: store/tiered/reconcile.go reconcile */
proctype looker(byte i)
{
	byte n, t, because, olds, tok, version, st, guess;
	bool err, is, back, absent, buriedThere, lost, wasDeleted;

next:	atomic {
		looks[i] = false; n = NONE; t = NONE; because = 0; olds = 0; tok = NONE; version = 0; st = NONE; guess = NONE;
		err = false; is = false; back = false; absent = false; lost = false; wasDeleted = false
	};
end:	atomic {
		if
		:: due[i] != 0 -> because = due[i] & 7; due[i] = 0
		:: due[i] & LATER -> because = due[i] & (PUSHED | ANYHOW); due[i] = GAP
		/* half a second is longer than a push takes */
		:: doubts[i] -> doubts[i] = false; because = (moved[i] -> 0 : GAP)
		fi;
		looks[i] = true; n = near[i];
		if
		:: n == NONE || pending[i] || because == 0 ->
#ifndef BUG_UNSEEN
			missed[i] = missed[i] || (under[i] && (because & GAP));
#endif
			goto next
		:: else
		fi;
		because = because | (missed[i] -> GAP : 0); missed[i] = false;
		moved[i] = 0; relinked[i] = false
	};
	/* code: store/redis/look.go Look */
	if
	:: atomic { !writing[i] ->
		if
		:: USABLE -> t = far; losses[i] = evicted
		:: far == NONE -> absent = true; wasDeleted = HAS(gone, n); back = (meta == n)
		:: far == JUNK -> t = JUNK
		fi }
	:: atomic { faults > 0 -> faults--; due[i] = due[i] | GAP; goto next }	/* code: store/tiered/watch.go looked */
	fi;
	/* code: store/redis/look.go absence */
	if
	:: atomic { absent && !wasDeleted ->
		if
		:: HAS(gone, n) -> wasDeleted = true
		:: !HAS(gone, n) && evicted != losses[i] -> lost = true
		:: else -> wasDeleted = back
		fi }
	:: !absent || wasDeleted
	fi;
	atomic {
		back = false;
		because = because | (relinked[i] -> GAP : 0) | MISSED(i);
		absent = absent && !wasDeleted && !lost;
		if
		:: t != NONE && t != JUNK && t != n -> goto take
		:: t == n -> goto next
		:: wasDeleted -> goto deletion
		:: lost || t == JUNK -> goto writeBack
#ifdef BUG_GAP
		:: absent && (because & GAP) -> goto deletion
#else
		:: absent && (because & GAP) -> goto writeBack
#endif
		:: absent && !(because & GAP) && (because & PUSHED) -> goto deletion
		:: absent && !(because & (GAP | PUSHED)) -> doubts[i] = true; goto next
		fi
	};

deletion: /* code: store/tiered/storm.go deletedInFar */
	assert(loss_is_no_deletion || near[i] != n || HAS(dead | passed, n));
	compareAndDelete(n, olds, tok, back, version, st, err);
	goto next;

take:	/* code: store/tiered/reconcile.go takeOver */
	atomic {
		superseded(n, t, is);
		if
		:: is -> goto writeBack
		:: else
		fi
	};
	adopt(n, t, guess);
#ifndef BUG_LOOK
	due[i] = due[i] | (guess != NONE && guess != t -> ANYHOW : 0);
#endif
	goto next;

writeBack: /* code: store/tiered/reconcile.go writeBack */
	atomic {
		version = (pending[i] -> pVersion[i] : 7);
		olds = TOMBS(i) | BIT(NONE); guess = NONE; is = false; t = NONE; st = NONE; err = false
	};
	if
	:: HAS(TOMBS(i), n) -> goto next	/* rejected meanwhile */
	:: !HAS(TOMBS(i), n)
	fi;
	flush(olds, guess, n, true, st, err);
	atomic {
		writing[i] = false; t = st;
		if
		:: err -> keep(olds, n); goto next
		:: !err -> drop(version)
		fi;
		if
		:: st == DELETED -> goto dropped
		:: st == n -> goto next
		:: else -> goto take
		fi
	};

dropped: /* code: store/tiered/pending.go dropDeleted */
	deleted[i] = deleted[i] | BIT(n);
	atomic {
		if
		:: near[i] == n -> near[i] = NONE
		:: else
		fi;
		refusedTo[i] = refusedTo[i] | BIT(n)
	};
	goto next
}

/* code: store/tiered/pending.go flushAll */
proctype flusher(byte i)
{
	byte olds, tok, version, st, guess;
	bool err, back;

end:	do
	:: atomic { pending[i] && (late[i] || !writing[i]) ->
		st = (late[i] -> JUNK : NONE);	/* nothing overtakes the attempt that is under way */
		olds = pOlds[i] | BIT(NONE); tok = pTok[i]; version = pVersion[i]; guess = NONE;
		back = !late[i] && pBack[i] };
	   if
	   :: atomic { tok == NONE ->
		for (v : 1 .. TOKENS) {
			if
			:: HAS(olds, v) -> remove(v)
			:: else
			fi
		} }
	   :: tok != NONE -> flush(olds, guess, tok, back, st, err)
	   fi;
	   atomic {
		writing[i] = false; late[i] = false;
		/* code: store/tiered/pending.go flushed */
		if
		:: !err -> drop(version); due[i] = due[i] | GAP
		:: else
		fi;
		if
		:: !err && st == DELETED && tok != NONE -> deleted[i] = deleted[i] | BIT(tok); refusedTo[i] = refusedTo[i] | BIT(tok);
			if
			:: near[i] == tok -> near[i] = NONE
			:: else
			fi
		:: else
		fi;
		olds = 0; tok = NONE; version = 0; st = NONE; guess = NONE; err = false; back = false
	   }
	od
}

#define QUIET(i)	(!acts[i] && !looks[i] && due[i] == 0)
#define IDLE(i)	(!acts[i] && !looks[i] && calls[i] == 0 && due[i] == 0 && !pending[i] && !writing[i] && !down[i] && !doubts[i])

#define FAULT	faults > 0

/* A connection for pushes is made anew: what was missed is a gap. */
inline relink(i)	/* code: internal/watch/track.go setTracked */
{
	due[i] = due[i] | GAP | (due[i] & PUSHED -> LATER : 0); moved[i] = moved[i] | GAP; told[i] = told[i] | GAP; relinked[i] = true; down[i] = false
}

/* What happens without us. These are not transitions of our code. */
proctype world()
{
	byte oldFar, oldMeta, oldGone, mine;
	bool saved;
end:	do
	/* the API refuses a token from now on */
	:: atomic { revocations > 0 && near[0] != NONE -> revocations--; revoked = revoked | BIT(near[0]); dead = dead | BIT(near[0]) }
	/* FLUSHALL is pushed as a gap */
	:: atomic { FAULT -> faults--; far = NONE; meta = NONE; gone = 0; buried = 0; tell(GAP) }
	/* SWAPDB, or anything else that no push tells, at a quiet moment; the look a minute comes later */
	:: atomic { FAULT && QUIET(0) && QUIET(1) -> faults--; far = NONE; meta = NONE; gone = 0; buried = 0; tell(ANYHOW) }
	/* an older dump, or what a replica has that is behind; all connections are made anew */
	:: atomic { FAULT && !saved -> saved = true; oldFar = far; oldMeta = meta; oldGone = gone }
	:: atomic { FAULT && saved -> faults--; far = oldFar; meta = oldMeta; gone = oldGone; buried = buried & gone; evicted = 0; /* of that server */
		relink(0); relink(1) }
	/* a connection for pushes is lost, and comes back */
	:: atomic { FAULT && !down[1] -> faults--; down[1] = true }
	:: atomic { down[1] -> relink(1) }
	/* eviction of the token, and of the tombstones */
	:: atomic { FAULT && far != NONE -> faults--; far = NONE; evicted++; changed() }
	:: atomic { FAULT && gone != 0 -> faults--; gone = 0; buried = 0; evicted++ }
	/* a client deletes the token, or all keys beside it too */
	:: atomic { FAULT && USABLE -> faults--; dead = dead | BIT(far); far = NONE; changed() }
	:: atomic { FAULT && USABLE -> faults--; dead = dead | BIT(far); far = NONE; meta = NONE; changed() }
	/* something that is no token */
	:: atomic { FAULT && far != JUNK -> faults--; spoilt = far; far = JUNK; changed() }
	/* the foreign writer gets a token, and stores it at any time, whatever is there */
	:: atomic { FAULT && mine == NONE && issued < TOKENS -> faults--; issued++; mine = issued; alien = alien | BIT(mine) }
	:: atomic { mine != NONE -> passed = passed | (far != JUNK -> BIT(far) : 0); far = mine; mine = NONE; changed() }
	/* Nothing is left to be done. */
	:: atomic { IDLE(0) && IDLE(1) && mine == NONE ->
		for (v : 0 .. PROCS-1) {
			assert(near_and_far_agree_in_the_end || near[v] == NONE || near[v] == far);
			assert(newer_token_stands_in_the_end || !BEFORE(far, near[v]))
		};
		assert(deleted_token_is_not_in_far_in_the_end || far == NONE || !HAS(buried, far));
		faults = 0; break }
	od
}

init {
	atomic {
		/* Both have a token, as has far; or nobody has one. */
		if
		:: issued = 1; far = 1; meta = 1; near[0] = 1; near[1] = 1
		:: true
		fi;
		calls[0] = CALLS; calls[1] = CALLS1;
		run caller(0); run caller(1); run looker(0); run looker(1); run flusher(0); run flusher(1);
		run world()
	}
}
