package fakeredis

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// script is one that was loaded.
type script struct {
	source string // as it came
	proto  *lua.FunctionProto
}

// compiled has what was compiled so far: the servers of all tests get the same few scripts.
var compiled = newCache()

// EVAL, and EVALSHA for a script that the server has.
// load compiles a script.
func (s *Server) load(source string) (*script, string, error) {
	sum := sha1.Sum([]byte(source))
	sha := hex.EncodeToString(sum[:])
	if known := s.scripts[sha]; known != nil {
		return known, sha, nil
	}
	run := source
	if s.replace != nil {
		run = s.replace(source)
	}
	proto, err := compiled.get(run)
	if err != nil {
		return nil, "", err
	}
	s.scripts[sha] = &script{source, proto}
	return s.scripts[sha], sha, nil
}

func compile(source string) (*lua.FunctionProto, error) {
	chunk, err := parse.Parse(strings.NewReader(source), "script")
	if err != nil {
		return nil, err
	}
	return lua.Compile(chunk, "script")
}

// engine runs scripts, one at a time.
type engine struct {
	state *lua.LState
	conn  *conn // whose script runs
}

func (s *Server) engine() *engine {
	if s.lua != nil {
		return s.lua
	}
	l := lua.NewState(lua.Options{SkipOpenLibs: true, CallStackSize: 64, RegistrySize: 1024, RegistryMaxSize: 64 << 10})
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable, lua.OpenString, lua.OpenMath} {
		l.Push(l.NewFunction(open))
		l.Call(0, 0)
	}
	// Lua takes a number that is a string where it wants one; this engine does not here.
	if err := l.DoString(`local sub = string.sub
		string.sub = function(s, i, j) return sub(s, tonumber(i), tonumber(j or -1)) end`); err != nil {
		panic(err)
	}
	s.lua = &engine{state: l}
	redis := l.NewTable()
	l.SetField(redis, "call", l.NewFunction(func(l *lua.LState) int { return s.call(l, true) }))
	l.SetField(redis, "pcall", l.NewFunction(func(l *lua.LState) int { return s.call(l, false) }))
	l.SetField(redis, "acl_check_cmd", l.NewFunction(func(l *lua.LState) int { l.Push(lua.LTrue); return 1 }))
	l.SetGlobal("redis", redis)
	return s.lua
}

func (e *engine) close() { e.state.Close() }

// run runs a script. The mutex is held.
func (s *Server) run(c *conn, one *script, keys, argv []string) (r Reply) {
	e := s.engine()
	l := e.state
	e.conn = &conn{server: s, client: c.client, db: c.db}
	l.SetGlobal("KEYS", list(l, keys))
	l.SetGlobal("ARGV", list(l, argv))
	defer l.SetTop(0)
	l.Push(l.NewFunctionFromProto(one.proto))
	if err := l.PCall(0, 1, nil); err != nil {
		return Error("ERR " + strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return toReply(l.Get(-1))
}

func list(l *lua.LState, texts []string) *lua.LTable {
	t := l.CreateTable(len(texts), 0)
	for _, text := range texts {
		t.Append(lua.LString(text))
	}
	return t
}

// call is redis.call, which raises errors, or redis.pcall.
func (s *Server) call(l *lua.LState, raise bool) int {
	args := make([]string, l.GetTop())
	for i := range args {
		args[i] = lua.LVAsString(l.Get(i + 1))
	}
	r := s.command(s.lua.conn, args)
	if err, bad := r.(Error); bad && raise {
		l.RaiseError("%s", string(err))
	}
	l.Push(toLua(l, r))
	return 1
}

func toLua(l *lua.LState, r Reply) lua.LValue {
	switch r := r.(type) {
	case nil:
		return lua.LFalse
	case int64:
		return lua.LNumber(r)
	case string:
		return lua.LString(r)
	case Status:
		t := l.NewTable()
		t.RawSetString("ok", lua.LString(r))
		return t
	case Error:
		t := l.NewTable()
		t.RawSetString("err", lua.LString(r))
		return t
	case []Reply:
		t := l.CreateTable(len(r), 0)
		for i, one := range r {
			t.RawSetInt(i+1, toLua(l, one))
		}
		return t
	}
	panic("fakeredis: a reply that Lua has no form for")
}

func toReply(v lua.LValue) Reply {
	switch v := v.(type) {
	case lua.LNumber:
		return int64(v)
	case lua.LString:
		return string(v)
	case lua.LBool:
		if v {
			return int64(1)
		}
	case *lua.LTable:
		if err, bad := v.RawGetString("err").(lua.LString); bad {
			return Error(err)
		}
		if ok, is := v.RawGetString("ok").(lua.LString); is {
			return Status(ok)
		}
		all := []Reply{}
		for i := 1; v.RawGetInt(i) != lua.LNil; i++ {
			all = append(all, toReply(v.RawGetInt(i)))
		}
		return all
	}
	return nil
}
