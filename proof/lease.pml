/*
 * The lease: PROCS processes want a token, one of them shall fetch it. See README.md for
 * what is left out, and why that is sound.
 *
 * Time goes in ticks. A tick comes when no process that runs has anything to do at once, so
 * "in no time" means before the next tick. A process that sleeps (SIGSTOP, a suspended
 * machine) is not waited for: between any two steps any number of ticks may pass for it.
 *
 *   -DPROCS=3     processes
 *   -DFAULTS=2    of Redis and of foreign writers: each takes away, changes or adds something
 *   -DSLEEPS=1    processes that are stopped, each for as long as it likes
 *   -DREFUSING    the gateway refuses the credentials
 *   -DCUTOFF      process 0 does not reach the gateway
 *   -DBUG_...     seeded mistakes; see README.md
 */

#ifndef PROCS
#define PROCS	2
#endif
#ifndef FAULTS
#define FAULTS	1
#endif
#ifndef SLEEPS
#define SLEEPS	1
#endif
#ifndef RUNS
#define RUNS	1	/* each process wants a token so often */
#endif

/* In ticks: one is between one and two seconds. */
#define LEASE	2	/* code: store/redis/lease.go DefaultLeaseTTL */
#define PATIENCE 2	/* code: internal/pacing/pacing.go Patience */
#define WAITING	3	/* code: client/token/lease.go maxLeaseWait */
#define HOLD	3	/* code: store/redis/hold.go hold */
#define FETCHING 4	/* code: client/token/fetch.go fetch */
#define REFUSAL	5	/* code: internal/pacing/pacing.go AfterRefusal */
#define OUTAGE	2	/* code: internal/pacing/pacing.go AfterOutage */
#define MOST	20	/* more than anything that we write */

/* What must hold. */
#define SOON	(WAITING + 1 + 1)	/* the wait for others, the own fetch, and the tick in which it began */
#define EVER	(WAITING + 2*FETCHING)	/* code: client/token/run.go lead */

#define FREE	0
#define STRANGER 30	/* an owner in our form that will never give the lease back */
#define ILLEGAL	31	/* anything that is no owner */
#define OWNER(i)	(1 + (i) + PROCS*turn[i])

#include "redis.pml"

byte lock = FREE;	/* {key}:lock: an owner */
byte lockTTL;
byte failedBy;		/* {key}:failed: the holder that met an outage */
byte failedTTL;
byte refusedTTL;	/* {key}:refused: the credentials that all processes have */
byte oldFar, oldLock;	/* what an older dump has, or a replica that is behind */

byte term;		/* ghost: the owner whose lease is in force; nothing has ended it */
byte known;		/* ghost: for so long the refusal is known to Redis */
byte issued;		/* tokens of the gateway so far */
byte faults = FAULTS, sleeps = SLEEPS;

mtype = { READY, WAITS, FETCHES, SLEEPS_, PAUSES, DONE };
mtype state[PROCS] = SLEEPS_; /* it begins when it likes */
bool woken[PROCS], looks[PROCS], crowded[PROCS], holds[PROCS], turn[PROCS];
byte until[PROCS], over[PROCS], held[PROCS], age[PROCS], pause[PROCS], spent[PROCS], tries[PROCS] = RUNS;

HIDDEN byte w;	/* of loops within one step */
HIDDEN byte one_holder_in_a_term, token_within_a_bound, no_endless_wait, one_refusal_one_request, outage_is_shared_with_those_who_met_it;

/* changed wakes all that wait: the watch tells of each change. A lost push costs a tick. */
inline changed() /* code: store/redis/waiting.go listen */
{
	for (w : 0 .. PROCS-1) { woken[w] = true }
}

#define REACHES(i)	(gatewayReached(i))
#ifdef CUTOFF
#define gatewayReached(i)	((i) != 0)
#else
#define gatewayReached(i)	true
#endif

/* A process may be stopped here, for any time. */
inline maySleep(next)
{
	if
	:: true
	:: sleeps > 0 -> atomic { sleeps--; state[i] = SLEEPS_ }; atomic { state[i] = next; age[i] = 0 }
	fi
}

#ifdef REFUSING
#define REFUSES(i)	REACHES(i)
#else
#define REFUSES(i)	false
#endif

#define USABLE	(far != NONE && far != JUNK)

/* What a TTL of a helper key is believed to say. */
#ifdef BUG_TTL
#define BELIEVED(ttl)	((ttl) > 0)
#else
#define BELIEVED(ttl)	((ttl) > 0 && (ttl) <= REFUSAL)	/* code: store/redis/acquire.lua */
#endif
#ifdef BUG_TTL
#define BELIEVEDLEASE(ttl)	((ttl) > 0)
#else
#define BELIEVEDLEASE(ttl)	((ttl) > 0 && (ttl) <= WAITING)	/* code: store/redis/acquire.lua */
#endif

#ifdef BUG_REFUSAL
#define REFUSALSTANDS	false
#else
#define REFUSALSTANDS	BELIEVED(refusedTTL)
#endif
#ifdef BUG_OUTAGE
#define OUTAGEMET(tried, holder)	(failedBy != FREE && BELIEVED(failedTTL))
#else
#define OUTAGEMET(tried, holder)	(tried && holder != FREE && failedBy == holder && BELIEVED(failedTTL))
#endif
#define LEASEHELD	(lock != FREE && lock != ILLEGAL && BELIEVEDLEASE(lockTTL))
#ifdef BUG_TAKEOVER
#define TAKEN(takeOver, holder)	(takeOver)
#else
#define TAKEN(takeOver, holder)	(takeOver && lock == holder)
#endif

/* The answers to the request for the lease. */
#define TOKEN	1
#define REFUSED	2
#define FAILED	3
#define HELD	4
#define YOURS	5

/* acquire is one exchange: a token, a failure, the holder, or the lease. */
inline acquire(old, holder, takeOver, tried, answer) /* code: store/redis/acquire.lua */
{
	if
	:: USABLE && far != old -> answer = TOKEN
	:: else ->
		if
		:: REFUSALSTANDS -> answer = REFUSED; pause[i] = refusedTTL /* code: store/redis/refusals.lua refusals */
		:: !REFUSALSTANDS && OUTAGEMET(tried, holder) -> answer = FAILED; pause[i] = failedTTL; /* code: store/redis/fields.lua fields */
			assert(outage_is_shared_with_those_who_met_it || tried)
		:: else ->
			if
			:: LEASEHELD && !TAKEN(takeOver, holder) -> answer = HELD; seen = lock
			:: else ->
				/* Nothing else ended the lease that is in force, unless it is taken over by name. */
				assert(one_holder_in_a_term || term == FREE || takeOver && term == holder);
				/* Redis knows of no refusal. */
				assert(one_refusal_one_request || known == 0);
				turn[i] = !turn[i];
				lock = OWNER(i); lockTTL = LEASE; term = lock;
				changed();
				answer = YOURS
			fi
		fi
	fi
}

/* A lease that its owner still has is given back. */
inline giveBack() /* code: store/redis/release.lua */
{
	if
	:: term == OWNER(i) -> term = FREE
	:: else
	fi;
	if
#ifdef BUG_RELEASE
	:: true -> lock = FREE; lockTTL = 0; changed()
#else
	:: lock == OWNER(i) -> lock = FREE; lockTTL = 0; changed()
	:: else
#endif
	fi
}

/* The refusal is kept whoever has the lease by now; an outage only if it is still ours. */
inline handOver() /* code: store/redis/release.lua */
{
#ifdef REFUSING
#ifndef BUG_REFUSAL
	if
	:: REACHES(i) -> refusedTTL = pause[i]; known = pause[i]
	:: else
	fi;
#else
	if
	:: REACHES(i) -> known = pause[i]
	:: else
	fi;
#endif
#endif
	if
	:: lock == OWNER(i) && !REFUSES(i) -> failedBy = OWNER(i); failedTTL = pause[i]
	:: lock == OWNER(i) && REFUSES(i) -> failedBy = FREE; failedTTL = 0
	:: else
	fi
}

proctype process(byte i)
{
	byte old, tok, stands, holder, seen, answer;
	bool takeOver, tried, leased;

	old = far;	/* in a renewal the token that is to be replaced */
	atomic { state[i] = READY; age[i] = 0 };

again:	/* code: client/token/lease.go obtain */
	atomic { until[i] = WAITING; over[i] = 0; holder = FREE; takeOver = false };
ask:
	atomic {
		woken[i] = false;	/* it listens before it looks: code: store/redis/lease.go Acquire */
		if
		:: acquire(old, holder, takeOver, tried, answer)
		:: faults > 0 -> faults--; answer = 0	/* Redis is out of reach for this process */
		fi;
		if
		:: answer == TOKEN -> tok = far
		:: answer == HELD && seen != holder ->
			holder = seen; takeOver = false;
			over[i] = (until[i] < PATIENCE -> until[i] : PATIENCE)
		:: else
		fi;
		crowded[i] = takeOver; seen = FREE; leased = (answer == YOURS);
		if
		:: leased -> held[i] = HOLD; holds[i] = true	/* code: store/redis/hold.go hold */
		:: else
		fi
	};
	if
	:: answer == TOKEN -> goto served
	:: answer == REFUSED || answer == FAILED -> goto failed
	:: answer == YOURS -> maySleep(READY); goto fetch
	:: answer == 0 || answer == HELD && until[i] == 0 -> goto alone
	:: answer == HELD && until[i] > 0
	fi;

	/* A lost push costs a tick: code: store/redis/waiting.go wait */
	atomic { state[i] = WAITS; answer = 0 };
	atomic { woken[i] || over[i] == 0 -> state[i] = READY };
	atomic {
		if
		:: !takeOver && over[i] == 0 -> takeOver = true; over[i] = until[i]
		:: else
		fi
	};
	maySleep(READY);
	goto ask;

alone:	/* code: client/token/alone.go alone */
	atomic {
		answer = 0; crowded[i] = false;
		if
		:: USABLE && far != old -> tok = far; goto served
		:: else
		fi
	};

fetch:	/* code: client/token/fetch.go request */
	atomic {
		state[i] = FETCHES; looks[i] = false; spent[i] = 0; answer = 0;
		if
		:: REACHES(i) -> over[i] = 0
		:: REACHES(i) -> over[i] = 1
		:: !REACHES(i) -> over[i] = 0		/* it fails at once */
		:: !REACHES(i) -> over[i] = FETCHING	/* it hangs */
		fi
	};
	do
	:: atomic { looks[i] ->	/* code: client/token/overtake.go overtakable */
		looks[i] = false;
		if
		:: USABLE && far != old -> tok = far; goto stored
		:: else
		fi }
	:: atomic { over[i] == 0 && !looks[i] && !REACHES(i) -> pause[i] = OUTAGE; goto refused }
	:: atomic { over[i] == 0 && !looks[i] && REFUSES(i) -> pause[i] = REFUSAL; goto refused }
	:: atomic { over[i] == 0 && !looks[i] && REACHES(i) && !REFUSES(i) -> issued++; tok = issued; break }
	od;
	state[i] = READY;
	maySleep(READY);
	/* code: client/token/fetch.go save */
	atomic {
		swap(old, tok, false, stands);
		tok = stands; stands = NONE;
		if
		:: leased -> giveBack(); leased = false; holds[i] = false	/* code: store/redis/swap.lua */
		:: else
		fi
	};
	goto served;

stored:	/* another process was faster, and the lease is given back */
	state[i] = READY;
	maySleep(READY);
	atomic {
		if
		:: leased -> giveBack(); leased = false
		:: else
		fi;
		holds[i] = false
	};
	goto served;

refused: /* code: client/token/failure.go recordFailure */
	atomic { state[i] = READY; tried = true };
	maySleep(READY);
	atomic {
		if
		:: leased -> handOver(); giveBack(); leased = false
		:: else
		fi;
		holds[i] = false
	};

failed:	/* code: client/token/lease.go adoptFailure */
	atomic { state[i] = PAUSES; age[i] = 0; answer = 0; holder = FREE; takeOver = false };
	if
	:: atomic { pause[i] == 0 && tries[i] > 0 -> tries[i]--; state[i] = READY }; goto again
	:: atomic { tries[i] == 0 -> goto done }
	fi;

served:
	atomic { tok != NONE && tok != JUNK; tried = false };
done:
	atomic { state[i] = DONE; until[i] = 0; over[i] = 0; pause[i] = 0; woken[i] = false; age[i] = 0;
		old = 0; tok = 0; holder = 0; takeOver = 0; answer = 0; crowded[i] = false; held[i] = 0; tried = false; looks[i] = false }
}

/* A process has nothing to do at once. */
#define STILL(i)	(state[i] == DONE || state[i] == SLEEPS_ || state[i] == WAITS && !woken[i] && over[i] > 0 \
	|| state[i] == FETCHES && over[i] > 0 && !looks[i] || state[i] == PAUSES && pause[i] > 0)

#if PROCS > 2
#define ALLSTILL	(STILL(0) && STILL(1) && STILL(2))
#define ALLDONE	(state[0] == DONE && state[1] == DONE && state[2] == DONE)
#else
#define ALLSTILL	(STILL(0) && STILL(1))
#define ALLDONE	(state[0] == DONE && state[1] == DONE)
#endif

#define LESS(t)	t = (t > 0 -> t - 1 : 0)

/* The lease ends by itself, or is taken away. */
inline ends()
{
	if
	:: lock == term -> term = FREE
	:: else
	fi;
	lock = FREE; lockTTL = 0; changed()
}

proctype clock()
{
	byte k;
end:	do
	:: atomic {
		ALLSTILL && !ALLDONE ->
		if
		:: lockTTL > 0 && lockTTL < MOST -> lockTTL--
		:: else
		fi;
		LESS(known); LESS(failedTTL);
		refusedTTL = (refusedTTL > 0 && refusedTTL < MOST -> refusedTTL - 1 : refusedTTL);
		if
		:: failedTTL == 0 -> failedBy = FREE
		:: else
		fi;
		for (k : 0 .. PROCS-1) {
#ifdef BUG_TTL
			if
			:: state[k] != WAITS -> LESS(over[k])
			:: else
			fi;
#else
			LESS(until[k]); LESS(over[k]);
#endif
			LESS(pause[k]); LESS(held[k]);
			if
			:: state[k] == WAITS -> age[k]++; woken[k] = true
			:: state[k] == FETCHES -> age[k]++; spent[k] = (spent[k] < PATIENCE -> spent[k] + 1 : PATIENCE);
				looks[k] = (crowded[k] || spent[k] == PATIENCE)
			:: state[k] == READY -> age[k]++
			:: else
			fi;
			/* code: store/redis/prolong.lua */
			if
			:: holds[k] && state[k] != SLEEPS_ && held[k] > 0 && lock == OWNER(k) && lockTTL < LEASE -> lockTTL = LEASE
			:: else
			fi;
			assert(token_within_a_bound || age[k] <= SOON || !REACHES(k) || REFUSES(k));
			assert(no_endless_wait || age[k] <= EVER)
		};
		if
		:: lock != FREE && lockTTL == 0 -> ends()
		:: else
		fi
	}
	od
}


#define FAULT	faults > 0 && !ALLDONE

/*
 * What happens to the keys without us: a Redis that loses, evicts, restores, fails over and
 * whose clock steps, a writer that knows no lease, and whoever else can write. These are
 * not transitions of our code.
 */
proctype world()
{
	byte mine;
	bool saved;
end:	do
	/* An older dump, or what a replica has that is behind. */
	:: atomic { !saved && FAULT -> saved = true; oldFar = far; oldLock = (lock == term -> lock : FREE) }
	:: atomic { FAULT && saved -> faults--;
		far = oldFar; lock = oldLock; lockTTL = (lock != FREE -> LEASE : 0); term = FREE;
		refusedTTL = 0; failedBy = FREE; failedTTL = 0; known = 0; changed() }
	/* FLUSHALL, a restart */
	:: atomic { FAULT -> faults--;
		far = NONE; lock = FREE; lockTTL = 0; term = FREE;
		refusedTTL = 0; failedBy = FREE; failedTTL = 0; known = 0; changed() }
	/* eviction, deletion, or the clock of the server steps forward */
	:: atomic { FAULT && far != NONE -> faults--; far = NONE; changed() }
	:: atomic { FAULT && lock != FREE -> faults--; ends() }
	:: atomic { FAULT && refusedTTL > 0 -> faults--; refusedTTL = 0; known = 0 }
	/* the clock of the server steps back, or somebody makes the TTL longer */
	:: atomic { FAULT && lock != FREE && lockTTL < MOST -> faults--; lockTTL = WAITING }
	:: atomic { FAULT && lock != FREE && lockTTL < MOST -> faults--; lockTTL = MOST; term = FREE }
	:: atomic { FAULT && refusedTTL > 0 && refusedTTL < MOST -> faults--; refusedTTL = MOST; known = 0 }
	/* anybody writes into the helper keys */
	:: atomic { FAULT -> faults--; lock = STRANGER; lockTTL = WAITING; term = FREE; changed() }
	:: atomic { FAULT -> faults--; lock = STRANGER; lockTTL = MOST; term = FREE; changed() }
	:: atomic { FAULT -> faults--; lock = ILLEGAL; lockTTL = WAITING; term = FREE; changed() }
	:: atomic { FAULT -> faults--; refusedTTL = REFUSAL }
	:: atomic { FAULT -> faults--; refusedTTL = MOST; known = 0 }
	:: atomic { FAULT && lock != FREE -> faults--; failedBy = lock; failedTTL = REFUSAL }
	:: atomic { FAULT && lock != FREE -> faults--; failedBy = lock; failedTTL = MOST }
	:: atomic { FAULT -> faults--; far = JUNK; changed() }
	/* the foreign writer: it gets a token, and stores it at any time later, whatever is there */
	:: atomic { FAULT && mine == NONE -> faults--; issued++; mine = issued; alien = alien | BIT(mine) }
	:: atomic { mine != NONE -> far = mine; mine = NONE; changed() }
	od
}

init {
	atomic {
		if
		:: issued = 1; far = 1	/* a token is to be replaced */
		:: true
		fi;
		run process(0); run process(1);
#if PROCS > 2
		run process(2);
#endif
		run world(); run clock()
	}
}
