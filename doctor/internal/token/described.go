package token

import (
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
)

// described looks at what our processes keep beside the token.
func (r *reading) described(cfg Config) check.Check {
	at := link.Printable(rediskey.Metadata(cfg.Key), maxText)
	switch {
	case (text{err: r.metaErr}).wrongType():
		return group.Warning(metadata, at+" is no hash", "a hash, or nothing", "another program has written it: the next token replaces it")
	case link.TooLong(r.metaErr):
		return group.Warning(metadata, at+" has a field that is longer than our processes write", "metadata that our processes wrote, or none", "another program has written it, and it is not believed: the next token replaces it")
	case r.metaErr != nil:
		return group.Skipped(metadata, link.Of(r.metaErr).Saw)
	case r.removed:
		return group.Warning(metadata, "the token was deleted by one of our processes, as the API refused it, and put back by another program", "a token that was not refused", "have that program fetch a new one; a call that uses this one replaces it")
	case r.fields[0] == "":
		return group.OK(metadata, "none: another program has written the token (the Python service does not know of it), whose identity is taken on trust")
	case !rediskey.Token.Is(r.fields[0], r.value.is):
		return group.OK(metadata, "that of the token before: another program has written this one, whose identity is taken on trust")
	case r.metaTTL == noTTL:
		return group.Warning(metadata, at+" has no TTL", "the TTL of the token", "another program has taken it away (PERSIST): the next token sets it again")
	}
	return group.OK(metadata, "it belongs to the token, which a process of this library wrote")
}

// stampForm is that of Python's datetime.isoformat() for a naive UTC time.
const stampForm = "2006-01-02T15:04:05"

// stamped looks at the timestamp key.
func (r *reading) stamped(cfg Config) check.Check {
	name := link.Printable(rediskey.Timestamp(cfg.Key), maxText)
	const want = "the instant of issue, in UTC, as Python's isoformat() writes it without a zone"
	switch {
	case r.stamp.wrongType():
		return group.Warning(timestamp, name+" is not a string", want, "another program uses this key for something else; a token does without it")
	case link.Denied(r.stamp.err):
		return group.Skipped(timestamp, "not permitted: grant ~"+name)
	case r.stamp.err != nil:
		return group.Skipped(timestamp, link.Of(r.stamp.err).Saw)
	case r.stamp.is == "":
		return group.OK(timestamp, "none: the age of a token of another program is not known")
	}
	at, err := time.Parse(stampForm, r.stamp.is) // takes any fraction
	if err != nil {
		return group.Warning(timestamp, name+" has another form", want, "correct the program that writes it: datetime.utcnow().isoformat()")
	}
	saw := at.Format(stampForm)
	if ahead := at.Sub(r.at.UTC()); ahead > cfg.Margins.Margin {
		return group.Warning(timestamp, saw+", which is "+seconds(ahead)+" from now", want, "the program that writes it uses the local time in place of UTC, or its clock is wrong; it is not believed")
	}
	issued, _ := number.Parse(r.fields[3])
	switch belongs := rediskey.Token.Is(r.fields[0], r.value.is); {
	case r.stampMS == noTTL:
		return group.Warning(timestamp, saw+", without a TTL", "the TTL of the token", "the program that writes it has to set one; a token does without it")
	case belongs && issued == at.UnixMilli():
		return group.OK(timestamp, saw+", which is that of the token")
	case belongs:
		return group.OK(timestamp, saw+", which is not that of the token: the metadata counts")
	}
	full := cfg.Margins.SharedLife(cfg.Lifetime)
	if off := (r.at.Sub(at) + number.Duration(max(r.ttl, 0), time.Millisecond) - full).Abs(); off > cfg.Margins.Margin {
		return group.Warning(timestamp, saw+", which does not go with the TTL of the token", want, "age and TTL of a token add up to "+seconds(full)+": the program that writes the two uses another lifetime, the local time, or writes one of them only; the timestamp is not believed")
	}
	return group.OK(timestamp, saw+", which goes with the TTL of the token")
}
