/*
 * Redis, as far as one token goes: the token key, its metadata, the tombstones and the
 * count of evictions. A Lua script is one step, as a server carries scripts out one after
 * the other. Both models include this file.
 *
 * Token t is the t-th that the gateway issued. NONE is none, JUNK a value that cannot be
 * a token. A set of tokens is a mask with bit t.
 */

#define NONE	0
#define JUNK	15
#define DELETED	14	/* the answer of swap.lua that a tombstone kept the token out */
#define BIT(t)	(1 << (t))
#define HAS(set, t)	(((set) >> (t)) & 1)

byte far = NONE;	/* the token key */
byte meta = NONE;	/* the token that {key}:meta belongs to */
byte gone;		/* {key}:gone:*, the tombstones */
byte evicted;		/* evicted_keys of INFO */

/* Ghosts, which no process sees. */
byte alien;		/* tokens of the foreign writer: nobody knows when they were issued */
byte dead;		/* tokens that were refused or deleted: to replace them is right */
byte passed;		/* tokens in whose place another one was put */
byte spoilt;		/* a token in whose place something was put that is none */
byte buried;		/* tokens whose tombstone was written and has not been lost */

/* Breadth first, for the shortest way to a violation, spin takes no hidden variables. */
#ifdef SHORTEST
#define HIDDEN
#else
#define HIDDEN	hidden
#endif

/* The names of the properties, as they stand in the output of a run that breaks one. */
HIDDEN byte late_write_changes_nothing_newer, deletion_is_not_undone;

#if defined(BUG_COMPARE)
#define OTHER(expected, back)	false
#elif defined(BUG_RESTORE)
#define OTHER(expected, back)	(far != NONE && far != JUNK && far != (expected) && !(back))
#else
#define OTHER(expected, back)	(far != NONE && far != JUNK && far != (expected))
#endif

/*
 * swap puts tok in place of expected, or of nothing usable. stands is what is there then.
 * back is for a token that is written back, which a tombstone keeps out.
 */
inline swap(expected, tok, back, stands) /* code: store/redis/swap.lua */
{
	if
	:: OTHER(expected, back) -> stands = far
	:: else ->
		if
		:: (back) && HAS(gone, tok) -> stands = DELETED
		:: else ->
			assert(late_write_changes_nothing_newer || far == NONE || far == JUNK || HAS(alien, far) || HAS(dead, far) || far <= tok);
			assert(deletion_is_not_undone || !(back) || !HAS(buried, tok));
			passed = passed | (far != JUNK -> BIT(far) : BIT(spoilt)) | ((back) -> 0 : BIT(expected));
			gone = gone & ~BIT(tok);
			buried = buried & ~BIT(tok);
			far = tok; meta = tok; stands = tok;
			changed()
		fi
	fi
}

/* remove deletes old if it is there, and leaves a tombstone whatever is there. */
inline remove(old) /* code: store/redis/remove.lua */
{
	if
	:: far == old -> far = NONE; meta = NONE; changed()
	:: else
	fi;
	buried = buried | BIT(old);
#ifndef BUG_TOMBSTONE
	gone = gone | BIT(old)
#else
	skip
#endif
}
