package redissaid

import (
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redact"
)

// HideLogin returns err without the password of the client that met it, as far as its
// options have one: go-redis passes on what a server says of a login. A client of
// store/redis/dial sees to that itself.
func HideLogin(err error, client goredis.UniversalClient) error {
	var reply goredis.Error
	if err == nil || err == goredis.Nil || !errors.As(err, &reply) {
		return err
	}
	password := redact.New(passwordOf(client))
	if password.Short() {
		return err
	}
	text := err.Error()
	if hidden := password.Hide(text); hidden != text && !Own(text) {
		return Reply(hidden)
	}
	return err
}

// Own reports whether an answer is one of Redis's own to a login, which repeats nothing,
// whatever words of it a password is.
func Own(text string) bool {
	switch text {
	case "WRONGPASS invalid username-password pair or user is disabled.", "NOAUTH Authentication required.", "ERR invalid password",
		"ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
		"ERR Client sent AUTH, but no password is set":
		return true
	}
	return false
}

// passwordOf returns what a client logs in with, "" if it does not tell.
func passwordOf(client goredis.UniversalClient) string {
	switch c := client.(type) {
	case *goredis.Client:
		return c.Options().Password
	case *goredis.ClusterClient:
		return c.Options().Password
	case *goredis.Ring:
		return c.Options().Password
	}
	return ""
}
