// Package sentence tells by the vendor's German sentences why something was refused.
//
// The sentences are recognised by the parts that other programs look for, cut before the first
// umlaut: encodings differ. They are found in plain text, JSON and HTML, in capitals, with
// escapes of JSON and HTML, over several lines. What the caller sent itself and the answer
// repeats does not count.
//
// Everything here is safe for concurrent use and takes linear time. See ARCHITECTURE.md for
// what follows from a reason.
package sentence

import (
	"strings"

	"github.com/advoware-go/advoware/client/reason"
)

// Searched is how much of a text is looked at, in bytes; a sentence stands near the beginning.
const Searched = 8 << 10

// parts are what the sentences are recognised by, folded, in the order in which they count: a
// text that speaks of the password too is about the password, since accounts get locked.
var parts = []struct {
	part  string
	means reason.Reason
}{
	// As a whole first: a password that somebody made up to be wrong may be "falsches Kennwort".
	{"falscher name oder falsches kennwort", reason.WrongCredentials},
	{"benutzer kennwort ung", reason.WrongCredentials},
	{"falsches kennwort", reason.WrongCredentials},
	{"kennwort ung", reason.WrongCredentials}, // Benutzer / Kennwort ungültig
	{"kennwort falsch", reason.WrongCredentials},
	{"kennwort ist falsch", reason.WrongCredentials},
	{"kennwort sind falsch", reason.WrongCredentials},
	{"ist nicht registriert", reason.NotRegistered},
	{"ist nicht angemeldet", reason.NotConnected},
	{"freigeschaltet", reason.NotEnabled},
}

// people are the beginnings of words for somebody who uses the program. A user who "ist nicht
// angemeldet" has no session; that says nothing of the office.
var people = []string{"benutzer", "user", "mitarbeiter", "anwender", "nutzer", "sitzung", "session"}

// access are the beginnings of words for what a request is let in by. One that "ist nicht
// registriert" says nothing of the office either, nor of the password.
var access = []string{"token", "bearer", "jwt", "ticket", "sitzung", "session"}

// office are the beginnings of words for what else a sentence may be about.
var office = []string{"kanzlei", "datenbank", "server", "advoware"}

// Reason returns what the sentence in text means, Unknown if there is none. Sent is what the
// caller sent, names and passwords: a part all of whose words are in there may be an echo of
// it, and does not decide. Text is UTF-8, or bytes of any other set that ASCII is a part of.
func Reason(text []byte, sent ...string) reason.Reason {
	text = text[:min(len(text), Searched)]
	plain := ""
	if escapes(text) {
		plain = unescaped(string(text))
		text = []byte(plain)
	}
	if !hasWord(text) {
		return reason.Unknown
	}
	if plain == "" {
		plain = unescaped(string(text))
	}
	folded := foldPlain(plain)
	echo := ""
	for _, p := range parts {
		at := find(folded, p.part)
		if at < 0 {
			continue
		}
		if echo == "" {
			echo = foldSent(sent)
		}
		if hasWords(echo, p.part) {
			continue
		}
		if means := ofSubject(folded, p.part, at, p.means); means != reason.Unknown {
			return means
		}
	}
	if licence(folded) && !hasWords(foldSent(sent), "lizenz") {
		return reason.Licence
	}
	return reason.Unknown
}

// OfAnswer is Reason for an HTTP answer of which text is the beginning: without a sentence
// there, some servers have it in the status line, behind the number.
func OfAnswer(status string, text []byte, sent ...string) reason.Reason {
	if why := Reason(text, sent...); why != reason.Unknown {
		return why
	}
	return Reason([]byte(status), sent...)
}

// SparesToken reports whether a 401 is sure to mean something else than the token, of which
// another one would change nothing: the office is not connected, not known, or has not
// enabled this program, and of tokens it says nothing. In doubt it is the token: to keep one
// that is refused would fail each call until its end. Status and text are as for OfAnswer.
func SparesToken(status string, text []byte, sent ...string) bool {
	switch OfAnswer(status, text, sent...) {
	case reason.NotConnected, reason.NotRegistered, reason.NotEnabled:
		return !hasAny(fold(string(text[:min(len(text), Searched)])), access) && !hasAny(fold(status), access)
	}
	return false
}

// ofSubject is what a part means by what the sentence is about: a user who is not registered
// is a wrong one. The part is at folded[at:], and maybe further on.
func ofSubject(folded, part string, at int, means reason.Reason) reason.Reason {
	if means != reason.NotRegistered && means != reason.NotConnected {
		return means
	}
	found := reason.Unknown
	for at >= 0 {
		before := folded[:at]
		before = before[strings.LastIndexByte(before, wall)+1:]
		before = before[max(0, len(before)-subject):]
		switch {
		case hasAny(lastWords(before, 2), access):
		case !hasAny(before, people) || hasAny(before, office):
			return means
		case means == reason.NotRegistered:
			found = reason.WrongCredentials
		}
		folded = folded[at+len(part):]
		at = find(folded, part)
	}
	return found
}

// subject is how far before a part its subject is looked for, in bytes.
const subject = 100

// licence reports whether a text says that there is no licence. What the vendor writes then
// is not known, so the words are those that one would use.
func licence(folded string) bool {
	at := find(folded, "lizenz")
	if at < 0 {
		return false
	}
	from, to := max(0, at-subject), min(len(folded), at+subject)
	if i := strings.LastIndexByte(folded[from:at], wall); i >= 0 {
		from += i
	}
	if i := strings.IndexByte(folded[at:to], wall); i >= 0 {
		to = at + i
	}
	return hasAny(folded[from:to], []string{"abgelaufen", "ung", "kein", "nicht", "erreicht", "berschritten", "maxim", "notbetrieb", "ersch", "fehlt"})
}

func hasAny(folded string, beginnings []string) bool {
	for _, word := range beginnings {
		if find(folded, word) >= 0 {
			return true
		}
	}
	return false
}

// lastWords returns the last n words of a folded text.
func lastWords(folded string, n int) string {
	words := strings.Fields(folded)
	return strings.Join(words[max(0, len(words)-n):], " ")
}

// hasWords reports whether all words of part begin words of folded.
func hasWords(folded, part string) bool {
	for word := range strings.FieldsSeq(part) {
		if find(folded, word) < 0 {
			return false
		}
	}
	return true
}

// find returns where part begins in a folded text, at the beginning of a word; -1 if nowhere.
func find(folded, part string) int {
	for from := 0; ; {
		i := strings.Index(folded[from:], part)
		if i < 0 {
			return -1
		}
		at := from + i
		if at == 0 || folded[at-1] == ' ' || folded[at-1] == wall {
			return at
		}
		from = at + 1
	}
}
