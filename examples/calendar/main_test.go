package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/advotime"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

const termine = "/api/v1/advonet/TermineActiveSync"

// of is a fault's condition: the calendar of one employee.
func of(kuerzel string) func(*clienttest.Request) bool {
	return func(r *clienttest.Request) bool { return r.Query.Get("kuerzel") == kuerzel }
}

func TestChangesOfOneRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := advowaretest.Client(t, clienttest.Options{InMemory: true, Seed: 1, Rows: 500})
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		ended := make(chan error)
		go func() { ended <- watch(ctx, c, 15*time.Minute, &out) }()
		lines := func() string { // what is printed until the round is over
			synctest.Wait()
			defer out.Reset()
			return out.String()
		}
		if got := lines(); got != "8 of 8 calendars read, 0 changes\n" {
			t.Errorf("first round: %q", got)
		}

		// In the second round one calendar fails, and another one has a new appointment.
		off := fake.Inject(clienttest.Fault{On: clienttest.API, Match: termine, Where: of("KS"), Status: http.StatusInternalServerError, Times: -1})
		number, err := client.Post[int](ctx, c, termine, map[string]any{
			"Text": "Besprechung", "Anwalt": "HB", "Datum": advotime.InUTC(time.Now().Add(24 * time.Hour)),
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Minute)
		got := lines()
		if strings.Count(got, "\n") != 2 || !strings.Contains(got, "+ HB 5501 ") || !strings.Contains(got, "7 of 8 calendars read, 1 changes") {
			t.Errorf("second round, after POST made %d: %q", number, got)
		}

		// In the third it is back: nothing of it was deleted or is new.
		off.Remove()
		time.Sleep(15 * time.Minute)
		if got := lines(); got != "8 of 8 calendars read, 0 changes\n" {
			t.Errorf("third round: %q", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// One that hangs does not hold up the others, nor the next round.
func TestOneCalendarHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := advowaretest.Client(t, clienttest.Options{InMemory: true})
		fake.Inject(clienttest.Fault{On: clienttest.API, Match: termine, Where: of("ÖY"), Hang: true, Times: -1})
		begun := time.Now()
		var out bytes.Buffer
		err := watch(t.Context(), c, 0, &out)
		if got := out.String(); err == nil || !strings.HasPrefix(got, "7 of 8") || time.Since(begun) > 21*time.Second {
			t.Errorf("%v after %v: %q", err, time.Since(begun), got)
		}
	})
}

// Asked without a Kürzel, the API answers with the appointments of everybody.
func TestEmployeeWithoutAKuerzel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := advowaretest.Client(t, clienttest.Options{InMemory: true})
		fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/employees", Status: 200, Body: `[{"kuerzel": "KS"}, {"kuerzel": ""}, {}]`})
		calls := fake.Observe(clienttest.API, func(r *clienttest.Request) bool { return r.Path == termine })
		var out bytes.Buffer
		if err := watch(t.Context(), c, 0, &out); err != nil || calls.Hits() != 1 {
			t.Errorf("%v, %d calls: %s", err, calls.Hits(), out.String())
		}
	})
}

func TestOfficeIsOffForANight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := advowaretest.Client(t, clienttest.Options{InMemory: true, Seed: 1})
		off := fake.Inject(clienttest.Fault{On: clienttest.API, Refusal: clienttest.NotConnected, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Hour)
		defer cancel()
		time.AfterFunc(8*time.Hour, off.Remove)
		var out bytes.Buffer
		if err := watch(ctx, c, 15*time.Minute, &out); err != nil {
			t.Error(err)
		}
		if got := out.String(); !strings.Contains(got, "8 of 8 calendars read") {
			t.Errorf("printed %q", got)
		}
	})
}

func TestUpdate(t *testing.T) {
	day := func(n int) advotime.UTC { return advotime.InUTC(time.Date(2026, 3, n, 9, 0, 0, 0, time.UTC)) }
	w := func(from, to int) window { return window{day(from).Time(), day(to).Time()} }
	known := make(calendars)
	known.update("KS", []Appointment{{1, "a", "bleibt", day(5), day(5)}, {2, "b", "vergeht", day(3), day(3)}, {3, "c", "entfällt", day(6), day(6)}, {4, "d", "ändert sich", day(7), day(7)}}, w(3, 17))
	got := strings.Join(known.update("KS", []Appointment{{1, "a", "bleibt", day(5), day(5)}, {4, "e", "anders", day(7), day(7)}, {5, "f", "neu\n", day(8), day(8)}}, w(4, 18)), "\n")
	want := "~ KS 4 2026-03-07T10:00:00 \"anders\"\n+ KS 5 2026-03-08T10:00:00 \"neu\\n\"\n- KS 3 2026-03-06T10:00:00 \"entfällt\""
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// One that began before the window reaches into it, and one without an end does not.
	known.update("BW", []Appointment{{8, "a", "Kur", day(1), day(6)}, {9, "a", "Frist", day(3), advotime.UTC{}}}, w(3, 17))
	if got := known.update("BW", nil, w(4, 18)); len(got) != 1 || !strings.HasPrefix(got[0], "- BW 8 ") {
		t.Errorf("deleted: %q", got)
	}
	// Without a RowId, what is printed tells.
	known.update("HB", []Appointment{{6, "", "gleich", day(5), day(5)}, {7, "", "vorher", day(5), day(5)}}, w(1, 9))
	if got := known.update("HB", []Appointment{{6, "", "gleich", day(5), day(5)}, {7, "", "nachher", day(5), day(5)}}, w(1, 9)); len(got) != 1 || got[0] != `~ HB 7 2026-03-05T10:00:00 "nachher"` {
		t.Errorf("without a RowId: %q", got)
	}
}

func TestSignal(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	p := exampletest.Start(t, exampletest.Env(fake))
	if got := p.Line(t); got != "8 of 8 calendars read, 0 changes" {
		t.Errorf("printed %q", got)
	}
	p.Signal(t, syscall.SIGTERM)
	if r := p.Wait(t); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}
