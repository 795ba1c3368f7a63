package redis

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// subject is which keys a command is tried on.
type subject int

const (
	noKey     subject = iota
	theToken          // the token key
	theStamp          // its timestamp key
	theOthers         // those beside it
)

// pattern names the keys as the ACL line does.
func (s subject) pattern(key string) string {
	switch s {
	case theToken:
		return "~" + key
	case theStamp:
		return "~" + rediskey.Timestamp(key)
	case theOthers:
		return "~{" + key + "}:*"
	}
	return ""
}

// command is one of the ACL line in docs/redis.md.
type command struct {
	name    string // as the ACL line has it
	without string // what happens where it is missing

	single  bool // not needed in a Cluster
	cluster bool // needed in a Cluster only

	// ask is the command on its arguments for a server that says whether it may be used.
	// KEY stands for the key. With keys it is asked for each of them.
	ask  string
	keys []subject

	// try cannot have an effect, and is sent where the server does not say: KEY, or a key that
	// is not there for a write. Arguments of a right number are refused for what they are only
	// after the rights were looked at.
	try []string
}

var (
	others  = []subject{theOthers}
	allKeys = []subject{theToken, theStamp, theOthers}
	noKeys  = []subject{noKey}
)

const (
	alone     = "each process fetches tokens for itself: no lease can be kept"
	transacts = "a token is read by single commands, twice"
)

// commands are in the order of the ACL line.
var commands = []command{
	{name: "select", without: "database 0 has to do", single: true, ask: "select DB", keys: noKeys, try: []string{"select", "DB"}},
	{name: "multi", without: transacts, ask: "multi", keys: noKeys, try: []string{"multi"}},
	{name: "exec", without: transacts, ask: "exec", keys: noKeys, try: []string{"exec"}},
	{name: "eval", without: alone, ask: "eval x 0", keys: noKeys, try: []string{"eval", "return 1", "0"}},
	{name: "evalsha", without: alone, ask: "evalsha x 0", keys: noKeys, try: []string{"evalsha", strings.Repeat("0", 40), "0"}},
	{name: "set", without: "tokens that others put there are used, and ours are not shared", ask: "set KEY x", keys: allKeys, try: []string{"set", "NEW", "x", "nx", "xx"}},
	{name: "del", without: "a token that the API refuses stays for the others", ask: "del KEY", keys: []subject{theToken, theOthers}, try: []string{"del", "NEW"}},
	{name: "getrange", without: "a token is read by get, however long what is there is; without both no token is read", ask: "getrange KEY 0 0", keys: allKeys, try: []string{"getrange", "KEY", "1", "0"}},
	{name: "pttl", without: "no token of Redis is used, as its end is not known", ask: "pttl KEY", keys: allKeys, try: []string{"pttl", "KEY"}},
	{name: "hmget", without: "the end of a token is that of its TTL, and its identity is not checked", ask: "hmget KEY x", keys: others, try: []string{"hmget", "NEW", "x"}},
	{name: "hstrlen", without: "what somebody else put beside the token is read by scripts, however long it is", ask: "hstrlen KEY x", keys: others, try: []string{"hstrlen", "NEW", "x"}},
	{name: "hset", without: "tokens are not shared by scripts", ask: "hset KEY x y", keys: others, try: []string{"hset", "NEW", "x", "y", "z"}},
	{name: "pexpire", without: "tokens are not shared by scripts", ask: "pexpire KEY 1", keys: others, try: []string{"pexpire", "NEW", "1"}},
	{name: "ping", without: "whether Redis is back after an outage is found out by calls", ask: "ping", keys: noKeys, try: []string{"ping"}},
	{name: "role", without: "a master that was demoted while its connections stand is found out by the first write", ask: "role", keys: noKeys, try: []string{"role"}},
	{name: "info", without: "an eviction counts as a deletion", ask: "info", keys: noKeys, try: []string{"info", "server"}},
	{name: "client|tracking", without: "changes that others make are found by looking every few seconds", ask: "client tracking on", keys: noKeys, try: []string{"client", "tracking", "off"}},
	{name: "cluster|slots", without: "the masters are not found", cluster: true, ask: "cluster slots", keys: noKeys, try: []string{"cluster", "slots"}},
	{name: "command", without: "the master of a command is guessed", cluster: true, ask: "command", keys: noKeys, try: []string{"command", "count"}},
}

// used are the commands that matter.
func used(cluster bool) []command {
	var all []command
	for _, c := range commands {
		if !(cluster && c.single || !cluster && c.cluster) {
			all = append(all, c)
		}
	}
	return all
}

// names has what stands for something in the arguments of commands.
type names struct {
	key, random string
	db          int
}

func newNames(key string, db int) names { return names{key, rand.Text(), db} }

// of returns a key of a subject.
func (n names) of(s subject) string {
	switch s {
	case theToken:
		return n.key
	case theStamp:
		return rediskey.Timestamp(n.key)
	}
	return n.fresh()
}

// fresh is a key that nobody else has, or reads.
func (n names) fresh() string { return "{" + n.key + "}:doctor:" + n.random }

// in fills in one word.
func (n names) in(word string, s subject) string {
	switch word {
	case "KEY":
		return n.of(s)
	case "NEW":
		return n.fresh()
	case "DB":
		return strconv.Itoa(n.db)
	}
	return word
}
