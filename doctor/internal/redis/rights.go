package redis

import (
	"context"
	_ "embed" // the script
	"fmt"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
)

//go:embed may.lua
var maySource string

// answer is what is known of one command on one subject.
type answer struct {
	command command
	subject subject
	denied  bool
	unknown bool // to the server
	byKey   bool // it is denied because of the key, as far as the server says so
}

// allowed tries each command of the ACL line, and names those that are missing.
func allowed(ctx context.Context, cfg Config) []check.Check {
	db, _ := cfg.Link.DB()
	n := newNames(cfg.Key, db)
	cmds := used(cfg.Link.Cluster())
	node, err := cfg.Link.Node(ctx, cfg.Key)
	var found []answer
	how := "said by the server"
	if err == nil {
		found, err = asked(ctx, cfg, node, cmds, n)
	}
	if found == nil && (err == nil || link.Denied(err)) {
		how = "tried by commands without an effect"
		found, err = tried(ctx, cfg, node, cmds, n)
	}
	if err != nil {
		return []check.Check{group.Skipped(rights, link.Of(err).Saw)}
	}
	missing := missingIn(found, cfg.Key)
	if len(missing) == 0 {
		return []check.Check{group.OK(rights, fmt.Sprintf("all %d commands of the ACL line are permitted (%s)", len(cmds), how))}
	}
	return missing
}

// asked has the server say what the user may do. It returns nothing where it cannot.
func asked(ctx context.Context, cfg Config, node goredis.UniversalClient, cmds []command, n names) ([]answer, error) {
	var found []answer
	var lines []any
	if strings.ContainsAny(cfg.Key, " \t\r\n") {
		return nil, nil // the script takes a line apart at spaces
	}
	for _, c := range cmds {
		for _, s := range c.keys {
			words := strings.Fields(c.ask)
			for i := range words {
				words[i] = n.in(words[i], s)
			}
			lines = append(lines, strings.Join(words, " "))
			found = append(found, answer{command: c, subject: s})
		}
	}
	can, err := link.Ask(ctx, cfg.Link, node, func(ctx context.Context, node goredis.UniversalClient) ([]int64, error) {
		return node.Eval(ctx, maySource, []string{cfg.Key}, lines...).Int64Slice()
	})
	if err != nil || len(can) != len(found) {
		return nil, err
	}
	for i := range found {
		found[i].denied, found[i].unknown = can[i] == 0, can[i] < 0
	}
	return found, nil
}

// tried sends commands that cannot have an effect: reads of nothing, writes whose arguments
// contradict each other, and writes to a key that is not there and that they do not make.
func tried(ctx context.Context, cfg Config, node goredis.UniversalClient, cmds []command, n names) ([]answer, error) {
	var found []answer
	var queue [][]any
	for _, c := range cmds {
		if c.name == "multi" { // without exec it would stay open
			continue
		}
		tries := noKeys
		if slices.Contains(c.try, "KEY") {
			tries = c.keys
		} else if slices.Contains(c.try, "NEW") {
			tries = others
		}
		for _, s := range tries {
			var args []any
			for _, word := range c.try {
				args = append(args, n.in(word, s))
			}
			queue, found = append(queue, args), append(found, answer{command: c, subject: s})
		}
	}
	sent, err := link.Ask(ctx, cfg.Link, node, func(ctx context.Context, node goredis.UniversalClient) ([]goredis.Cmder, error) {
		sent, err := node.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, args := range queue {
				p.Do(ctx, args...)
			}
			return nil
		})
		if isReply(err) {
			err = nil // of a command
		}
		return sent, err
	})
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].read(sent[i].Err())
	}
	if i := slices.IndexFunc(found, func(a answer) bool { return a.command.name == "exec" }); i >= 0 && !found[i].denied {
		found = append(found, multiTried(ctx, cfg, node, cmds))
	}
	return found, nil
}

// multiTried makes an empty transaction where EXEC may end it.
func multiTried(ctx context.Context, cfg Config, node goredis.UniversalClient, cmds []command) answer {
	a := answer{command: cmds[slices.IndexFunc(cmds, func(c command) bool { return c.name == "multi" })]}
	said, _ := link.Ask(ctx, cfg.Link, node, func(ctx context.Context, node goredis.UniversalClient) (error, error) {
		sent, err := node.Pipelined(ctx, func(p goredis.Pipeliner) error { p.Do(ctx, "multi"); p.Do(ctx, "exec"); return nil })
		if len(sent) == 0 {
			return nil, err
		}
		return sent[0].Err(), nil
	})
	a.read(said)
	return a
}

func isReply(err error) bool {
	_, ok := err.(goredis.Error) //nolint:errorlint // as a pipeline returns it
	return ok
}

// read takes the answer of the server.
func (a *answer) read(err error) {
	if !link.Denied(err) {
		return // also an error about the arguments: rights are looked at before
	}
	a.unknown = !link.NoPermission(err)
	a.denied = !a.unknown
	a.byKey = a.denied && strings.Contains(err.Error(), " key")
}

// missingIn returns a check for each command, and for each kind of keys, that is missing.
func missingIn(found []answer, key string) []check.Check {
	var all []check.Check
	may := make(map[string]bool) // by command: on any key
	for _, a := range found {
		may[a.command.name] = may[a.command.name] || !a.denied && !a.unknown || a.byKey
	}
	seen := make(map[string]bool)
	if no := func(a answer) bool { return a.subject == noKey || a.denied }; !slices.ContainsFunc(found, func(a answer) bool { return !no(a) }) {
		keys := theToken.pattern(key) + " " + theOthers.pattern(key) + " " + theStamp.pattern(key)
		all = append(all, group.Warning(rights, "none of the keys of a token is permitted", "all keys of the ACL line", "ACL SETUSER NAME "+keys+" (docs/redis.md has the whole line)"))
		for _, a := range found {
			seen[a.command.name] = seen[a.command.name] || a.subject != noKey // more cannot be known
		}
	}
	for _, s := range []subject{theToken, theStamp, theOthers} {
		if slices.ContainsFunc(found, func(a answer) bool { return a.subject == s && a.denied && may[a.command.name] }) {
			all = append(all, group.Warning(rights, "the keys "+s.pattern(key)+" are not permitted", "all keys of the ACL line", "ACL SETUSER NAME "+s.pattern(key)+" (docs/redis.md has the whole line)"))
		}
	}
	for _, a := range found {
		c := a.command
		if may[c.name] || seen[c.name] {
			continue
		}
		seen[c.name] = true
		saw, hint := c.name+" is not permitted: "+c.without, "ACL SETUSER NAME +"+c.name+" (docs/redis.md has the whole line)"
		if a.unknown {
			saw, hint = "the server does not know "+c.name+": "+c.without, "it is switched off or renamed here (rename-command), or came later than this release: ask whoever runs this Redis"
		}
		if c.name == "pttl" {
			all = append(all, group.Failure(rights, saw, "all commands of the ACL line", hint))
		} else {
			all = append(all, group.Warning(rights, saw, "all commands of the ACL line", hint))
		}
	}
	return all
}
