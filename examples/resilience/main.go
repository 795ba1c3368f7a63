// Command resilience makes an appointment, at a bounded rate and against an API that fails
// now and then. Reading is repeated. A POST is repeated only if it was certainly not carried
// out; if that is not known, the program looks, because a second one would make a second
// appointment.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advotime"
	"github.com/advoware-go/advoware/client"
)

// path answers a POST with the number of the new appointment.
const path = "/api/v1/advonet/TermineActiveSync"

// Appointment has the fields that are written here.
type Appointment struct {
	FrNr                int `json:",omitzero"`
	Anwalt, Text, Notiz string
	Datum, DatumBis     advotime.UTC
}

func main() {
	perSecond := flag.Float64("rate", 10, "how many calls are made a second, at most")
	kuerzel := flag.String("kuerzel", "KS", "whose appointment it is")
	text := flag.String("text", "Besprechung", "what it is about")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	begin := time.Now().Add(24 * time.Hour).Truncate(time.Hour)
	a := Appointment{Anwalt: *kuerzel, Text: *text, Datum: advotime.InUTC(begin), DatumBis: advotime.InUTC(begin.Add(time.Hour))}
	if err := run(ctx, *perSecond, a); err != nil {
		fmt.Fprintln(os.Stderr, "resilience:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, perSecond float64, a Appointment) (err error) {
	if !(perSecond > 0) {
		return fmt.Errorf("a rate of %v calls a second makes none", perSecond)
	}
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	number, err := create(ctx, &caller{client: c, limit: rate.NewLimiter(rate.Limit(perSecond), 1)}, a)
	if err != nil {
		return err
	}
	_, err = fmt.Println("appointment", number)
	return err
}

// create makes an appointment, once, and returns its number. It writes a mark of its own into
// the note, by which it knows it again: others may have the same time and text.
func create(ctx context.Context, c *caller, a Appointment) (int, error) {
	a.Notiz = "ref " + rand.Text()
	number, err := call[int](ctx, c, client.Request{Method: http.MethodPost, Endpoint: path, Body: a})
	if err == nil || !errors.Is(err, client.ErrMaybeDone) {
		return number, err
	}
	day := a.Datum.Time().Format(time.DateOnly)
	there, lookErr := call[[]Appointment](ctx, c, client.Request{
		Method: http.MethodGet, Endpoint: path, Query: url.Values{"kuerzel": {a.Anwalt}, "from": {day}, "to": {day}},
	})
	for _, other := range there {
		if other.Notiz == a.Notiz {
			return other.FrNr, nil
		}
	}
	// It may still be on its way, behind a relay for one: whoever reads this decides.
	return 0, errors.Join(err, lookErr)
}
