// Command websocket prints what an endpoint of the API sends through a websocket, a message a
// line, until it is closed. The library adds the token to the handshake, and after a 401 dials
// once more with another one; the websocket itself is of github.com/coder/websocket.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	endpoint := flag.String("endpoint", "/live", "the `path` of the websocket, under the base URL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *endpoint); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "websocket:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, endpoint string) (err error) {
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		conn, err := client.Dial(ctx, c, endpoint, dial)
		if err != nil {
			return err
		}
		err = messages(ctx, conn)
		switch websocket.CloseStatus(err) {
		case websocket.StatusNormalClosure:
			return nil
		case websocket.StatusPolicyViolation: // this server's way to say that the token has ended: the next handshake tells
		case websocket.StatusGoingAway, websocket.StatusServiceRestart:
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// handshakes follows no redirect: the library for websockets would take the token along.
var handshakes = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func dial(ctx context.Context, url string, header http.Header) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: handshakes, HTTPHeader: header})
}

// messages prints the messages until there are no more, and returns why.
func messages(ctx context.Context, conn *websocket.Conn) error {
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", text)
	}
}
