package redissaid

import "strings"

// Denied reports whether err says that the server refuses scripts, or a command in one, to
// this user or to all users.
func Denied(err error) bool {
	text := strings.ToLower(err.Error())      // a scrubbed error has no type
	if strings.Contains(text, "wrongpass ") { // "invalid username-password pair or user is disabled"
		return false
	}
	for _, sign := range []string{"noperm", "readonly", "unknown command", "can't run this command", "not allowed", "disabled"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
