// Command worker is one process of a fleet under test: it opens the client by
// environment variables, makes calls, checks every answer, and reports on its standard
// output. Package chaos has the format of the reports; its tests start this program.
//
// It reads commands from its standard input and ends when that ends. See
// ARCHITECTURE.md for what the fleet promises.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/e2e/chaos"
)

func main() {
	var l load
	name := flag.String("name", "worker", "how the requests of this process are marked")
	flag.IntVar(&l.goroutines, "goroutines", 1, "callers at a time")
	flag.IntVar(&l.calls, "calls", 0, "calls of each; 0 means until the input ends")
	via := flag.String("gateway", "", "the address that token requests are sent to, whatever their URL says")
	flag.DurationVar(&l.pause, "pause", 0, "mean pause of each between its calls")
	history := flag.String("history", "", "the folder for a history of operations on tokens, which are made in place of calls")
	refresh := flag.Int("refresh", 0, "in a history each such operation is a Refresh; 0 is none")
	dns := flag.String("dns", "", "the address of the server of names, in place of what the system says")
	flag.Parse()
	if *dns != "" {
		net.DefaultResolver = resolver(*dns)
	}
	if err := run(*name, *via, *history, *refresh, &l, os.Stdin, &output{to: json.NewEncoder(os.Stdout)}); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// run serves the commands of in until it ends.
func run(name, via, history string, refresh int, l *load, in io.Reader, out *output) error {
	cfg, err := advoware.FromEnv()
	if err != nil {
		return err
	}
	spy := newSpy(name, cfg.TokenURL, via, func(event chaos.Event, fingerprint string) {
		out.write(chaos.Line{Event: event, Fingerprint: fingerprint})
	})
	cfg.Transport = spy
	if history != "" {
		if spy.history, err = chaos.NewHistory(filepath.Join(history, name+".jsonl"), name, cfg.TokenKey, cfg.Kanzlei); err != nil {
			return err
		}
		cfg.RedisHooks = outageHooks(name, spy.history)
	}
	c, err := advoware.New(cfg)
	if err != nil {
		return err
	}
	l.client, l.kanzlei, l.user = c, cfg.Kanzlei, cfg.User
	l.one = l.call
	if history != "" {
		l.one = (&operations{spy.history, c.Source(), &http.Client{Transport: spy}, cfg.BaseURL + "api/v1/Echo", refresh}).one
	}
	out.write(chaos.Line{Event: chaos.Ready})

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var calling sync.WaitGroup
	commands := bufio.NewScanner(in)
	for commands.Scan() {
		switch command := commands.Text(); command {
		case chaos.Go:
			calling.Go(func() {
				l.run(ctx)
				out.write(chaos.Line{Event: chaos.Done, Report: l.last()})
			})
		case chaos.Ask:
			out.write(chaos.Line{Event: chaos.Answer, Report: l.report()})
		default:
			return fmt.Errorf("unknown command %q", command)
		}
	}
	stop()
	calling.Wait()
	return c.Close()
}

// output writes lines, each with its time.
type output struct {
	mu sync.Mutex
	to *json.Encoder
}

// write ends the process if its output is closed, because then the test has ended.
func (o *output) write(line chaos.Line) {
	line.At = time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.to.Encode(line); err != nil {
		os.Exit(1)
	}
}

// resolver asks the server of names at addr for all names.
func resolver(addr string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
}
