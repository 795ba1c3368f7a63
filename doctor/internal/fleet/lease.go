package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/handover"
	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store/lease"
)

const minOwner = 26 // bytes of the owner of a lease

// lease says which process fetches a token.
func (k *kept) lease() check.Check {
	v := k.lock
	const want, hint = "a lease of our processes, or none", "another program has written it: the next process that needs a token takes the lease all the same"
	switch {
	case v.wrongType():
		return group.Warning(leased, "its key is not a string", want, hint)
	case v.err != nil:
		return unread(leased, v.err)
	case v.absent():
		return group.OK(leased, "free: nobody is fetching a token")
	case len(v.text) < minOwner || len(v.text) > maxOwner || strings.Trim(v.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "":
		return group.Warning(leased, "its key has another form of owner", want, hint)
	case v.ttl == noTTL || v.left() > longestLease:
		return group.Warning(leased, "its key would last longer than a lease does", want, hint)
	}
	return group.OK(leased, fmt.Sprintf("a process (%s…) is fetching a token; without a sign of life its lease ends in %s", v.text[:8], seconds(v.left())))
}

// failure says what the last holder met, for those that wait for it.
func (k *kept) failure(cfg Config) check.Check {
	v := k.failed
	switch {
	case v.wrongType():
		return group.Warning(failed, "its key is no hash", "a failure that our processes wrote, or none", "another program has written it: it counts as nothing")
	case v.tooLong():
		return group.Warning(failed, "its key has a field that is longer than our processes write", "a failure that our processes wrote, or none", "another program has written it: it counts as nothing")
	case v.err != nil:
		return unread(failed, v.err)
	case v.absent() || len(v.fields) < maxFields || v.fields[0] == "":
		return group.OK(failed, "none is remembered")
	case v.ttl == noTTL || v.left() > longestPause:
		return group.Warning(failed, "its key would last longer than our processes let it", "a failure that our processes wrote, or none", "another program has written it: it counts as nothing")
	}
	f := handover.Failure(v.fields[3], v.fields[2] == "refused", maxMessage)
	saw := fmt.Sprintf("the process that fetched last met: %s; those with %s wait %s before they try again", words(f), whose(v.fields[1], cfg), seconds(v.left()))
	return group.Warning(failed, saw, "a token request that succeeds", advice(f, "see the groups gateway and discovery"))
}

// refusal is a line under the key of refused credentials.
type refusal struct {
	credentials string
	left        time.Duration
	failure     lease.Failure
}

// refusals says which credentials are left alone, and until when.
func (k *kept) refusals(cfg Config) []check.Check {
	v := k.refused
	switch {
	case v.wrongType():
		return []check.Check{group.Warning(refused, "its key is not a string", "refusals that our processes wrote, or none", "another program has written it: it counts as nothing")}
	case v.err != nil:
		return []check.Check{unread(refused, v.err)}
	}
	var all []check.Check
	for _, r := range k.read() {
		saw := fmt.Sprintf("%s: %s; they are not tried again for %s, until %s", whose(r.credentials, cfg), words(r.failure), seconds(r.left), k.at.Add(r.left).UTC().Format(time.RFC3339))
		const want = "credentials that are accepted"
		hint := advice(r.failure, "correct the credentials: repeated attempts with wrong ones lock the account")
		if cfg.Credentials != "" && r.credentials == rediskey.Credentials.Of(cfg.Credentials) && !r.failure.Shared {
			all = append(all, group.Failure(refused, saw, want, hint))
		} else {
			all = append(all, group.Warning(refused, saw, want, hint))
		}
	}
	if len(all) == 0 {
		return []check.Check{group.OK(refused, "no credentials are left alone")}
	}
	return all
}

// read reads the lines as refusals.lua of store/redis does, and believes no more of them.
func (k *kept) read() []refusal {
	v := k.refused
	if len(v.text) > maxRefused || v.ttl < 0 {
		return nil
	}
	var all []refusal
	whole := time.Duration(0)
	for line := range strings.Lines(v.text) {
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		if len(part) != 4 || part[0] == "" || strings.Trim(part[0], "0123456789abcdef") != "" {
			continue
		}
		at, ok := number.Parse(part[1])
		ms, okToo := number.Parse(part[2])
		if !ok || !okToo || ms < 0 {
			continue
		}
		lasts := number.Duration(ms, time.Millisecond)
		whole = max(whole, lasts)
		if k.at.Sub(time.UnixMilli(at)).Abs() <= longestPause {
			all = append(all, refusal{part[0], lasts, handover.Failure(part[3], true, maxMessage)})
		}
	}
	over := whole - v.left()
	if over < 0 || whole > longestPause {
		return nil // the TTL is not ours
	}
	var held []refusal
	for _, r := range all {
		if r.left -= over; r.left > 0 && len(held) < maxLines {
			held = append(held, r)
		}
	}
	return held
}

// words are those of a failure.
func words(f lease.Failure) string {
	said := link.Printable(f.Message, maxText)
	if why := reason.Parse(f.Reason); why != reason.Unknown {
		said = strings.TrimSuffix(why.String()+" ("+said+")", " ()")
	}
	if said == "" {
		said = "a failure without words"
	}
	return said
}

func advice(f lease.Failure, otherwise string) string {
	if why := reason.Parse(f.Reason); why != reason.Unknown {
		return why.Advice()
	}
	return otherwise
}

// whose says whether a digest is that of the credentials of the configuration.
func whose(digest string, cfg Config) string {
	switch {
	case cfg.Credentials == "" || digest == "":
		return "some credentials"
	case digest == rediskey.Credentials.Of(cfg.Credentials):
		return "these credentials"
	}
	return "other credentials"
}

// unread is the check of a key that could not be read.
func unread(name string, err error) check.Check { return group.Skipped(name, link.Of(err).Saw) }
