package pipe

import (
	"context"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// Script is a Lua script. Make it with [NewScript].
type Script struct{ source, digest string }

// NewScript returns the script with this source.
func NewScript(source string) *Script {
	return &Script{source: source, digest: goredis.NewScript(source).Hash()}
}

// tries is how often a command is sent at most. To a server that does not have its script it is sent
// behind one that brings the script, and the third time with the script. The two differ in a cluster,
// where the one in front may be for another server.
const tries = 3

// run is one run of a script.
type run struct {
	script *Script
	keys   []string
	args   []any
	try    int // how often it was sent before
}

// command returns the command that runs the script: EVAL, which brings it, or EVALSHA.
func (r *run) command(ctx context.Context, bring bool) *goredis.Cmd {
	name, script := "evalsha", r.script.digest
	if bring || r.try == tries-1 {
		name, script = "eval", r.script.source
	}
	all := make([]any, 0, 3+len(r.keys)+len(r.args))
	all = append(all, name, script, len(r.keys))
	for _, key := range r.keys {
		all = append(all, key)
	}
	cmd := goredis.NewCmd(ctx, append(all, r.args...)...)
	if len(r.keys) > 0 {
		cmd.SetFirstKeyPos(3)
	}
	return cmd
}

// isAgain reports whether r is to be sent again: the server did not have the script, or refuses
// EVALSHA, which EVAL may do for.
func (r *run) isAgain(cmd *goredis.Cmd) bool {
	r.try++
	return (isUnknown(cmd) || isRefused(cmd)) && r.try < tries
}

// isUnknown reports whether the server does not have the script.
func isUnknown(cmd *goredis.Cmd) bool { return goredis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") }

// isRefused reports whether a server refuses EVALSHA, by its rights or because it has another name
// there.
func isRefused(cmd *goredis.Cmd) bool {
	err := cmd.Err()
	if cmd.Name() != "evalsha" || !goredis.HasErrorPrefix(err, "NOPERM") && !goredis.HasErrorPrefix(err, "unknown command") {
		return false
	}
	why := strings.ToLower(err.Error()) // in quotes: users and keys have names too
	return strings.Contains(why, "'evalsha'") || strings.Contains(why, "`evalsha`")
}
