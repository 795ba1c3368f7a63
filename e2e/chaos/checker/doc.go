// Command checker reads the histories that the processes of a fleet wrote, and says
// whether tokens were handed out as they are promised to be: it asks porcupine for an
// order of the operations that the model below permits. If there is none it writes the
// picture of that, a page of HTML, and says which operation does not fit.
//
//	go -C e2e/chaos/checker run . -pictures DIR DIR/*.jsonl
//
// The result is a [Verdict], one line of JSON. The exit status is 0 if all is well, 1 if
// something is not, and 2 if the files cannot be read.
//
// # The model
//
// There is one register for each token key. It holds the token that the fleet should use,
// or none, and remembers until when each earlier one was in it, at the latest.
//
//   - Write: a token request of a process, from its begin until its token is first used,
//     or the SET of another program. The token is in the register then. A token that nobody
//     ever used was not written, because another one was there already, unless a SET of it
//     succeeded while Redis was well. A token that was issued earlier than the one which
//     stands does not replace it, unless another program writes it.
//   - Delete: the DEL of another program, or a Reject that returned nil. The register is
//     empty, in the second case if it had the rejected token.
//   - Read: an answer of Token or Refresh. Its token is in the register, or was at some
//     time in the 5 s before the operation began.
//
// FLUSHALL, an eviction, an older dump and a failover are nothing of the sort: in spite of
// them the register holds what it held. While Redis cannot be relied on, the model asks
// for less: what was in the register when that began, or later, may be read until it is
// over and 10 s more (the window of the breaker, and the 5 s of always); a SET may be lost
// again; and a Reject need not have reached the others.
//
// Whatever happens, no outage excuses any of these:
//
//   - A token is from a token request or another program's SET, and for the identity of
//     the process that gets it.
//   - A process does not get a token again that it rejected, or that it had left for
//     another one. A SET that came after that allows it.
//   - Refresh returns no token whose request began before it.
//
// An operation that has a begin and no end, because its process was killed, may have had its
// effect at any time since, or none.
//
// A read fits or does not, and changes nothing that another process sees; porcupine then has
// to find the order of the few writes and deletes that overlap. That is why the staleness is
// in the state of the register and not in the interval of the read, which would overlap with
// hundreds of others.
package main
