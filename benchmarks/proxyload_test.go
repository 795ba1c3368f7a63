package benchmarks

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// lineCaller calls an office by one connection, one call after the other.
type lineCaller struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte
}

func dialVia(v via, path string) (*lineCaller, error) {
	conn, err := net.Dial("tcp", v.addr)
	if err != nil {
		return nil, err
	}
	header := ""
	if v.token {
		header = "Authorization: Bearer " + tokenText + "\r\n"
	}
	request := "GET " + path + " HTTP/1.1\r\nHost: " + v.addr + "\r\nAccept: application/json\r\nUser-Agent: program\r\n" + header + "\r\n"
	return &lineCaller{conn, bufio.NewReader(conn), []byte(request)}, nil
}

// call makes one call, and checks that its answer is whole.
func (c *lineCaller) call() (time.Duration, error) {
	_ = c.conn.SetDeadline(time.Now().Add(time.Minute))
	began := time.Now()
	if _, err := c.conn.Write(c.request); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, resp.Body)
	took := time.Since(began)
	if err == nil && (resp.StatusCode != http.StatusOK || n != int64(len(officeAnswer))) {
		err = fmt.Errorf("status %d with %d bytes", resp.StatusCode, n)
	}
	return took, err
}

// load is how an office is called.
type load struct {
	path        string
	connections int
	calls       int           // by each way, all connections together
	slices      int           // in which they are made, the ways by turns
	every       time.Duration // between two calls of all connections together; 0 is as fast as answers come
}

// cost is what calls took: each by the clock, sorted, and all of them of a processor.
type cost struct {
	took      []time.Duration
	processor time.Duration
}

// run makes all calls and returns, by the names of the ways, what they took.
//
// The ways take turns, each slice in another order, so that a moment in which the machine is
// busy with something else strikes all of them.
func (l load) run(tb testing.TB, vias []via) map[string]*cost {
	costs := make(map[string]*cost)
	callers := make(map[string][]*lineCaller)
	for _, v := range vias {
		for range l.connections {
			c, err := dialVia(v, l.path)
			if err != nil {
				tb.Fatalf("%s: %v", v.name, err)
			}
			defer c.conn.Close()
			callers[v.name] = append(callers[v.name], c)
		}
		l.slice(tb, v, callers[v.name], 2*l.connections) // each connection is there, and warm
		costs[v.name] = new(cost)
	}
	order := slices.Clone(vias)
	for range l.slices {
		for _, v := range order {
			c, before := costs[v.name], v.processor()
			c.took = append(c.took, l.slice(tb, v, callers[v.name], l.calls/l.slices)...)
			c.processor += v.processor() - before
		}
		order = append(order[1:], order[0])
	}
	for _, c := range costs {
		slices.Sort(c.took)
	}
	return costs
}

// slice makes some calls in one way.
func (l load) slice(tb testing.TB, v via, callers []*lineCaller, calls int) (took []time.Duration) {
	each := max(1, calls/len(callers))
	results := make([][]time.Duration, len(callers))
	errs := make([]error, len(callers))
	var all sync.WaitGroup
	began := time.Now()
	for i, c := range callers {
		all.Go(func() {
			for n := range each {
				if l.every > 0 { // the calls of all connections follow each other
					<-time.After(time.Until(began.Add(time.Duration(n*len(callers)+i) * l.every)))
				}
				d, err := c.call()
				if err != nil {
					errs[i] = err
					return
				}
				results[i] = append(results[i], d)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		tb.Fatalf("%s: %s", v.name, strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return slices.Concat(results...)
}
