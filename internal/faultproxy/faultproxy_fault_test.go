package faultproxy_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/faultproxy"
	"github.com/advoware-go/advoware/internal/redistest"
)

func aMoment() time.Time { return time.Now().Add(10 * time.Millisecond) }

func TestSilent(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	talker, idle := dial(t, p.Addr()), dial(t, p.Addr())
	for _, c := range []*conn{talker, idle} {
		c.say("PING\r\n")
		c.hear("+PONG\r\n")
	}
	set(t, p, faultproxy.Fault{Silent: true})
	talker.say(array("SELECT", "1") + array("INCR", "n"))
	talker.silent()
	late := dial(t, p.Addr()) // is accepted
	late.say("PING\r\n")
	late.silent()
	set(t, p, faultproxy.Fault{})
	for _, c := range []*conn{talker, late} {
		c.say("PING\r\n")
		c.silent()
	}
	if n := srv.Do("GET", "n"); n != nil {
		t.Errorf("the server heard what was swallowed: %v", n)
	}
	for _, c := range []*conn{idle, dial(t, p.Addr())} {
		c.say("PING\r\n")
		c.hear("+PONG\r\n")
	}
}

// A reply that is on its way when the fault begins is lost, too.
func TestMuteSwallowsReplies(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	c.say(array("SELECT", "1") + array("BLPOP", "list", "0"))
	c.hear("+OK\r\n")
	eventually(t, "it waits", func() bool { return strings.Contains(srv.Do("CLIENT", "LIST").(string), "cmd=blpop") })
	set(t, p, faultproxy.Fault{Silent: true})
	srv.Do("LPUSH", "list", "x")
	c.silent()
	set(t, p, faultproxy.Fault{})
	c.silent()
}

func TestReset(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	old := dial(t, p.Addr())
	old.say(array("SELECT", "1"))
	old.hear("+OK\r\n")
	set(t, p, faultproxy.Fault{Reset: true})
	old.say(array("INCR", "n"))
	_ = old.SetReadDeadline(time.Now().Add(patience))
	if got, err := io.ReadAll(old.in); err == nil || len(got) >= len(":1\r\n") {
		t.Errorf("got %q, %v; want half of it at most, and a reset", got, err)
	}
	if n := srv.Do("GET", "n"); n != "1" {
		t.Errorf("n is %v; want the command to have been done", n)
	}
	set(t, p, faultproxy.Fault{})
	c := dial(t, p.Addr())
	c.say("PING\r\n")
	c.hear("+PONG\r\n")
}

// Half of a reply shows what the proxy takes for one.
func TestHalfOfEveryKindOfReply(t *testing.T) {
	for _, reply := range []string{
		"+OK\r\n", "-ERR no\r\n", ":1\r\n", "_\r\n", ",1.5\r\n", "#t\r\n", "(349\r\n",
		"$5\r\na\r\nbc\r\n", "$0\r\n\r\n", "$-1\r\n", "=7\r\ntxt:abc\r\n", "!5\r\nERR x\r\n",
		"*0\r\n", "*-1\r\n", "*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n", "~1\r\n+a\r\n", "%1\r\n+k\r\n*1\r\n:1\r\n",
		"|1\r\n+k\r\n+v\r\n$3\r\nabc\r\n", ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n",
	} {
		t.Run(strings.Fields(reply)[0], func(t *testing.T) {
			p := start(t, says(t, reply+"+next\r\n"))
			set(t, p, faultproxy.Fault{Half: true})
			c := dial(t, p.Addr())
			c.say("PING\r\n")
			c.hear(reply[:len(reply)/2])
			set(t, p, faultproxy.Fault{})
			c.say("PING\r\n")
			c.silent()

			c = dial(t, p.Addr())
			c.say("PING\r\n")
			c.hear(reply + "+next\r\n")
		})
	}
}

// says returns the address of a server that says just that to each client.
func says(t *testing.T, text string) string {
	t.Helper()
	return redistest.Listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, text)
		_, _ = io.Copy(io.Discard, c)
	})
}

// What is no RESP ends the connection, as it ends a client's.
func TestMalformed(t *testing.T) {
	for _, reply := range []string{"nonsense\r\n", "\r\n", "$x\r\n", "*-2\r\n", "$99999999999\r\n", "+half"} {
		p := start(t, says(t, reply))
		c := dial(t, p.Addr())
		c.say("PING\r\n")
		if reply == "+half" {
			c.silent()
			continue
		}
		c.over()
	}
	for _, command := range []string{"*x\r\n", "*1\r\nPING\r\n", "*1\r\n$-1\r\n", "*1\r\n$x\r\n"} {
		c := dial(t, start(t, says(t, "")).Addr())
		c.say(command)
		c.over()
	}
}

func TestAnswer(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	const no = "-MOVED 3653 127.0.0.1:1"
	set(t, p, faultproxy.Fault{Answer: no})
	c.say(array("SELECT", "1") + array("SET", "k", "v") + array("CLIENT", "SETNAME", "me") + "get k\r\n")
	c.hear("+OK\r\n" + no + "\r\n" + "+OK\r\n" + no + "\r\n")
	c.say(array("MULTI") + array("SET", "k", "v") + array("GET", "k") + array("EXEC"))
	c.hear("+OK\r\n" + no + "\r\n" + no + "\r\n-EXECABORT Transaction discarded because of previous errors.\r\n")
	c.say(array("MULTI") + array("SET", "k", "v") + array("DISCARD"))
	c.hear("+OK\r\n" + no + "\r\n+OK\r\n")
	if got := srv.Do("GET", "k"); got != nil {
		t.Errorf("the server heard of it: %v", got)
	}
	set(t, p, faultproxy.Fault{})
	c.say(array("SET", "k", "v") + array("GET", "k"))
	c.hear("+OK\r\n$1\r\nv\r\n")
}

func TestTransactionEndsAsItBegan(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	c.say(array("MULTI"))
	c.hear("+OK\r\n")
	set(t, p, faultproxy.Fault{Answer: "-OOM full"})
	c.say(array("INCR", "n") + array("EXEC"))
	c.hear("+QUEUED\r\n*1\r\n:1\r\n")
	c.say(array("MULTI"))
	c.hear("+OK\r\n")
	set(t, p, faultproxy.Fault{})
	c.say(array("INCR", "n") + array("EXEC"))
	c.hear("-OOM full\r\n-EXECABORT Transaction discarded because of previous errors.\r\n")
	c.say(array("INCR", "n"))
	c.hear(":2\r\n")
}

// An answer does not overtake the replies that the server still owes.
func TestAnswersComeInTheirTurn(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	c.say(array("SELECT", "1") + array("BLPOP", "list", "0"))
	c.hear("+OK\r\n")
	eventually(t, "it waits", func() bool { return strings.Contains(srv.Do("CLIENT", "LIST").(string), "cmd=blpop") })
	set(t, p, faultproxy.Fault{Answer: "-LOADING"})
	c.say(array("GET", "k"))
	c.silent()
	srv.Do("LPUSH", "list", "x")
	c.hear("*2\r\n$4\r\nlist\r\n$1\r\nx\r\n-LOADING\r\n")
}

func TestDelay(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	set(t, p, faultproxy.Fault{Delay: time.Millisecond})
	c.say(array("SELECT", "1"))
	c.hear("+OK\r\n") // late, but by itself

	set(t, p, faultproxy.Fault{Delay: time.Hour})
	for range 3 {
		c.say(array("INCR", "n"))
	}
	c.silent()
	if n := srv.Do("GET", "n"); n != nil {
		t.Errorf("n is %v already", n)
	}
	set(t, p, faultproxy.Fault{Delay: 2 * time.Hour}) // another one
	c.silent()
	set(t, p, faultproxy.Fault{})
	c.hear(":1\r\n:2\r\n:3\r\n")

	// What came together waits together: an hour each would be days.
	set(t, p, faultproxy.Fault{Delay: 50 * time.Millisecond})
	c.say(strings.Repeat(array("PING"), 2000))
	c.hear(strings.Repeat("+PONG\r\n", 2000))

	// Who leaves meanwhile is still heard, as on a long line.
	set(t, p, faultproxy.Fault{Delay: time.Hour})
	c.say(array("INCR", "n"))
	eventually(t, "it has come", func() bool { return p.Stats().Commands["INCR"] == 4 })
	_ = c.Close()
	set(t, p, faultproxy.Fault{})
	eventually(t, "the server hears it", func() bool { return srv.Do("GET", "n") == "4" })
}
