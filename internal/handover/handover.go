// Package handover writes a lease.Failure as a line of text for other processes, and reads
// what they wrote.
//
// The line is the message, with a mark before it where there is more to say: "(not-enabled) "
// for a reason, "(outage: not-connected) " for what is kept like a refusal and is none. A
// process of a release without marks shows them as a part of the message. Whoever can write
// to the store may have put anything there: what is no mark is message, and what cannot be
// printed is a space.
//
// The package has pure functions only. See ARCHITECTURE.md for what is handed over.
package handover

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/advoware-go/advoware/store/lease"
)

const (
	outage  = "outage:" // what is kept is no refusal
	maxWord = 32        // bytes of a reason
)

// Text returns the line for f, of so many bytes at most; "" if there is nothing to say.
func Text(f lease.Failure, most int) string {
	mark := ""
	if isWord(f.Reason) {
		mark = f.Reason
	}
	if f.Shared && !f.Refused {
		mark = strings.TrimSpace(outage + " " + mark)
	}
	message := printable(f.Message, most) // which may begin otherwise than f.Message
	if mark != "" || strings.HasPrefix(message, "(") {
		return printable("("+mark+") "+message, most)
	}
	return message
}

// Failure returns what a line says, as far as so many bytes; Pause is not in it. Kept tells
// that it is handed to all with the same credentials, as a refusal is.
func Failure(line string, kept bool, most int) lease.Failure {
	f := lease.Failure{Refused: kept, Message: printable(line, most)}
	mark, message, ok := strings.Cut(f.Message, ")")
	if !ok || !strings.HasPrefix(mark, "(") {
		return f
	}
	word, isOutage := strings.CutPrefix(mark[1:], outage)
	if word = strings.TrimPrefix(word, " "); word != "" && !isWord(word) {
		return f
	}
	f.Reason, f.Message = word, strings.TrimPrefix(message, " ")
	if isOutage && kept {
		f.Refused, f.Shared = false, true
	}
	return f
}

func isWord(word string) bool {
	return word != "" && len(word) <= maxWord && !strings.ContainsFunc(word, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
	})
}

// printable cuts a message and replaces what would break a line of a log.
func printable(message string, most int) string {
	cut := ""
	if len(message) > most {
		cut = "…"
		message = message[:most-len(cut)]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, "")) + cut
}
