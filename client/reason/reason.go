// Package reason names why the vendor refuses something, by the German sentence in
// an answer of the gateway or of the API, whatever its status.
//
// A gateway.TokenError and a client.APIError have a Reason. It is an error too, so that
// errors.Is and errors.As find it in whatever wraps it, also in what another process met:
//
//	if errors.Is(err, reason.NotConnected) { … } // the same as gateway.ErrNotConnected
//	if why, ok := errors.AsType[reason.Reason](err); ok { fmt.Println(why.String(), why.Advice()) }
//
// The package has constants and pure functions only. See ARCHITECTURE.md for what each
// Reason does to the next attempt.
package reason

// Reason is why the vendor refused. The zero value is Unknown.
type Reason uint8

const (
	// Unknown: the answer has none of the sentences that are known.
	Unknown Reason = iota
	// WrongCredentials: the user is not known, or the password is wrong. To try again with
	// the same may lock the account.
	WrongCredentials
	// NotEnabled: the App-ID (a product) or the employee is not enabled for the Kanzlei,
	// which the vendor does.
	NotEnabled
	// NotRegistered: the vendor does not know the Kanzlei or its database.
	NotRegistered
	// NotConnected: the server of the office is off or does not reach the vendor. It heals
	// by itself.
	NotConnected
	// Clock: the request was taken for an old or a repeated one.
	Clock
	// Licence: a licence has run out, or all that there are of it are in use. What the vendor
	// says then has not been seen.
	Licence
)

// names has the word, the name and the advice of each Reason.
var names = [...]struct{ word, name, advice string }{
	Unknown:          {"", "unknown reason", ""},
	WrongCredentials: {"wrong-credentials", "wrong user or password", "correct them before the next attempt, since repeated ones lock the account; the administrator of the office sets them"},
	NotEnabled:       {"not-enabled", "product or employee not enabled", "ask the vendor, who enables each App-ID and employee for each Kanzlei"},
	NotRegistered:    {"not-registered", "Kanzlei or database not registered", "check both names (the Kanzlei is case-sensitive, the database is in capitals), then ask the vendor"},
	NotConnected:     {"not-connected", "Kanzlei or database not connected", "the server of the office is off or offline: ask the office; it is tried again by itself"},
	Clock:            {"clock", "taken for an old or a repeated request", "check the clock of this machine, and whether something on the way repeats requests"},
	Licence:          {"licence", "no licence left, or it has run out", "ask the office, then the vendor"},
}

// String returns what r means, in English: "Kanzlei or database not connected".
func (r Reason) String() string { return names[r.known()].name }

// Advice returns what to do about r and whom to ask, in English; "" for Unknown.
func (r Reason) Advice() string { return names[r.known()].advice }

// Word returns a word for r that does not change: "not-connected". It is "" for Unknown, and
// what processes tell each other.
func (r Reason) Word() string { return names[r.known()].word }

// Parse returns the Reason with that Word. Any other word is Unknown: it may come from a
// later release.
func Parse(word string) Reason {
	for r := range names {
		if names[r].word == word {
			return Reason(r)
		}
	}
	return Unknown
}

// Error implements error, for errors.Is and errors.As.
func (r Reason) Error() string { return "reason: " + r.String() }

// known is r, or Unknown for a number that is none of the constants.
func (r Reason) known() Reason {
	if int(r) < len(names) {
		return r
	}
	return Unknown
}
