package dial

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/redissaid"
)

// quiet takes passwords out of what a server says, or a proxy before it: some repeat what
// they were sent. It is the outermost hook, as a login is a part of whatever comes first.
type quiet struct{ secrets []*redact.Secret }

func newQuiet(logins ...login) quiet {
	var q quiet
	for _, l := range logins {
		if l.password.IsZero() {
			continue
		}
		password := l.password.Reveal()
		for _, form := range []string{password, base64Of(password), base64Of(l.username + ":" + password)} {
			q.secrets = append(q.secrets, redact.New(form))
		}
	}
	return q
}

// base64Of leaves out what the end of a text may change.
func base64Of(text string) string {
	return strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text)), "=")
}

// text returns a text, which may have broken off, without the passwords. One that is so
// short that its place would give it away stays.
func (q quiet) text(text string) string {
	all := redact.New("")
	for _, secret := range q.secrets {
		if !secret.Short() {
			all = all.And(secret)
		}
	}
	return all.HideCut(text)
}

// hidden returns err without them.
func (q quiet) hidden(err error) error {
	if err == nil || err == goredis.Nil {
		return err
	}
	text := err.Error()
	reply := goredis.Error(nil)
	if errors.As(err, &reply) && redissaid.Own(reply.Error()) {
		return err
	}
	hidden := q.text(text)
	if hidden == text {
		return err
	}
	quieter := &repeated{text: hidden}
	if reply != nil {
		quieter.reply = redissaid.Reply(q.text(reply.Error()))
	}
	return quieter
}

// ofLogin is hidden for the answer to a login, of which nothing but the code is left if it
// has even a short password in it.
func (q quiet) ofLogin(err error) error {
	reply := goredis.Error(nil)
	if !errors.As(err, &reply) || redissaid.Own(reply.Error()) {
		return q.hidden(err)
	}
	for _, secret := range q.secrets {
		if !secret.In(reply.Error()) {
			continue
		}
		code, _, _ := strings.Cut(reply.Error(), " ")
		if !strings.Contains(" WRONGPASS NOAUTH NOPERM NOPROTO LOADING ", " "+code+" ") {
			code = "ERR"
		}
		return redissaid.Reply(code + " the server repeats the password, so that its words are not shown")
	}
	return err
}

// repeated is an error whose text had a password in it. What it wraps is the answer that
// it is about, so that nothing prints the original.
type repeated struct {
	text  string
	reply error // nil if it is about none
}

func (e *repeated) Error() string { return e.text }
func (e *repeated) Unwrap() error { return e.reply }

// DialHook hides what sentinels say.
func (q quiet) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		return c, q.hidden(err)
	}
}

// ProcessHook hides what is said of a command, and of the login before it.
func (q quiet) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := next(ctx, cmd)
		if name := cmd.Name(); name == "auth" || name == "hello" {
			err = q.ofLogin(err)
		} else {
			err = q.hidden(err)
		}
		if err != nil {
			cmd.SetErr(err)
		}
		return err
	}
}

// ProcessPipelineHook does the same for commands that are sent together.
func (q quiet) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if was := cmd.Err(); was != nil {
				cmd.SetErr(q.hidden(was))
			}
		}
		return q.hidden(err)
	}
}
