// Command httpservice serves the employees of a Kanzlei over HTTP. It opens one client
// and keeps it, so that thousands of requests share one token. At SIGTERM it answers
// what it was asked, and ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
)

// Employee has the fields that this service passes on.
type Employee struct {
	Kuerzel  string `json:"kuerzel"`
	Vorname  string `json:"vorname"`
	Nachname string `json:"nachname"`
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `host:port` to listen on")
	flag.Parse()
	if err := run(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "httpservice:", err)
		os.Exit(1)
	}
}

func run(addr string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }() // after the last request

	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(c), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	fmt.Println("listening on http://" + listener.Addr().String())

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		stop() // a second signal ends the process at once
	}
	// Longer than a call may take, shorter than orchestrators wait before they kill.
	ending, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	return server.Shutdown(ending)
}

func routes(c *client.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /employees", func(w http.ResponseWriter, r *http.Request) {
		// With the context of the request, the call ends when nobody waits for it any more.
		list, err := client.Get[[]Employee](r.Context(), c, "/employees", nil, client.WithTimeout(20*time.Second))
		if err != nil {
			fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list) // an error here is a reader that has left
	})
	return mux
}

// fail answers with a status of our own: the reader did nothing wrong, and a 401 or 403 of
// the API is not about them. What happened is for the log.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	switch {
	case r.Context().Err() != nil:
		return // nobody is there to read it
	case errors.Is(err, gateway.ErrNotConnected): // the server of the office is off
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "70")
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	}
	slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "status", status, "error", err)
	http.Error(w, http.StatusText(status), status)
}
