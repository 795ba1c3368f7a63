package clienttest

import (
	"net/http"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Refusal names a sentence in which the vendor refuses, for [Fault]. Any other text
// stands for itself, as a sentence that nobody knows.
//
// The sentences hold the parts by which programs in use tell them apart; the words
// around them, and the statuses, are not known: those here are made up.
type Refusal string

// The sentences of the vendor.
const (
	// WrongPassword: the user is not known, or the password is wrong.
	WrongPassword Refusal = "wrong-password"
	// InvalidPassword is another sentence for the same, with an umlaut in it.
	InvalidPassword Refusal = "invalid-password"
	// NotEnabled: the product is not enabled for the Kanzlei.
	NotEnabled Refusal = "not-enabled"
	// EmployeeNotEnabled: the employee is not.
	EmployeeNotEnabled Refusal = "employee-not-enabled"
	// NotRegistered: the Kanzlei is not known.
	NotRegistered Refusal = "not-registered"
	// DatabaseNotRegistered: the database is not known.
	DatabaseNotRegistered Refusal = "database-not-registered"
	// NotConnected: the server of the office is off, which heals by itself.
	NotConnected Refusal = "not-connected"
	// DatabaseNotConnected is the same, said of the database.
	DatabaseNotConnected Refusal = "database-not-connected"
)

// refusals has the sentences and the statuses in the order of Refusals.
var refusals = []struct {
	name     Refusal
	status   int
	sentence string
}{
	{WrongPassword, http.StatusUnauthorized, "Falscher Name oder falsches Kennwort"},
	{InvalidPassword, http.StatusUnauthorized, "Benutzer / Kennwort ungültig"},
	{NotEnabled, http.StatusUnauthorized, "Das Produkt ist für diese Kanzlei nicht freigeschaltet"},
	{EmployeeNotEnabled, http.StatusUnauthorized, "Der Mitarbeiter ist für die Schnittstelle nicht freigeschaltet"},
	{NotRegistered, http.StatusUnauthorized, "Die Kanzlei ist nicht registriert"},
	{DatabaseNotRegistered, http.StatusUnauthorized, "Die Datenbank ist nicht registriert"},
	{NotConnected, http.StatusServiceUnavailable, "Die Kanzlei ist nicht angemeldet"},
	{DatabaseNotConnected, http.StatusServiceUnavailable, "Die Datenbank ist nicht angemeldet"},
}

// Refusals returns all names.
func Refusals() []Refusal {
	var all []Refusal
	for _, r := range refusals {
		all = append(all, r.name)
	}
	return all
}

// Sentence returns what the vendor says, in UTF-8.
func (r Refusal) Sentence() string {
	for _, known := range refusals {
		if known.name == r {
			return known.sentence
		}
	}
	return string(r)
}

// Status returns the status of an answer with the sentence unless Fault.Status says
// otherwise: 503 if the office is not connected, else 401. Both are inferred.
func (r Refusal) Status() int {
	for _, known := range refusals {
		if known.name == r {
			return known.status
		}
	}
	return http.StatusUnauthorized
}

// retryAfter is what the vendor's own calendar program tells its clients in these cases,
// in seconds; not if the password is wrong, since that does not heal.
const retryAfter = "70"

func (r Refusal) answer(status int) *answer.Answer {
	if status == 0 {
		status = r.Status()
	}
	a := answer.Refusal(status, "", r.Sentence())
	if r != WrongPassword && r != InvalidPassword {
		a.Header.Set("Retry-After", retryAfter)
	}
	return a
}
