package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/fleet"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
	"github.com/advoware-go/advoware/client/clienttest"
)

// The test binary is a member if it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "member" {
		if err := fleet.Serve(context.Background(), os.Stdin, os.Stdout, subject.Stores()); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func order(t *testing.T) (fleet.Order, *clienttest.Server) {
	t.Helper()
	fake := clienttest.Start(t, clienttest.Options{})
	return fleet.Order{
		Store: "memory", Env: fake.Env(), Load: subject.Lookup, Cold: true,
		Rate: 100, Duration: 200 * time.Millisecond, Workers: 2,
	}, fake
}

func crew(t *testing.T, n int, o fleet.Order) (*fleet.Crew, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c, err := fleet.Start([]string{self, "member"}, n, o)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func TestCrewAddsItsMembersUp(t *testing.T) {
	o, fake := order(t)
	c, err := crew(t, 2, o)
	if err != nil {
		t.Fatal(err)
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests before the start", n)
	}
	r, err := c.Run(t.Context(), time.Now().Add(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if r.Result.Done != 40 || r.Result.Failed != 0 || r.Counts.Hits+r.Counts.Waits != 40 || fake.Counts().TokenRequests != 2 {
		t.Errorf("%+v %+v, %d token requests", r.Result, r.Counts, fake.Counts().TokenRequests)
	}
}

func TestWarmCrewHasItsTokensBeforeTheStart(t *testing.T) {
	o, fake := order(t)
	o.Cold = false
	if _, err := crew(t, 2, o); err != nil {
		t.Fatal(err)
	}
	if n := fake.Counts().TokenRequests; n != 2 {
		t.Errorf("%d token requests before the start", n)
	}
}

func TestCrewThatIsBrokenOffReports(t *testing.T) {
	o, _ := order(t)
	o.Duration = time.Hour
	c, err := crew(t, 2, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	r, err := c.Run(ctx, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.Result.Done == 0 || r.Result.Done >= r.Result.Planned {
		t.Errorf("%d of %d calls", r.Result.Done, r.Result.Planned)
	}
}

func TestMemberThatCannotWork(t *testing.T) {
	o, _ := order(t)
	o.Store = "nonsense"
	if _, err := crew(t, 1, o); err == nil || !strings.Contains(err.Error(), `no store "nonsense"`) {
		t.Errorf("got %v", err)
	}
	if _, err := fleet.Start([]string{t.TempDir() + "/nothing"}, 1, o); err == nil {
		t.Error("a program that is not there has started")
	}
	o, _ = order(t)
	o.Rate = -1
	c, err := crew(t, 1, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), time.Now()); err == nil || !strings.Contains(err.Error(), "rate") {
		t.Errorf("got %v", err)
	}
}

func TestServeWithoutACrew(t *testing.T) {
	if err := fleet.Serve(t.Context(), strings.NewReader("nonsense"), io.Discard, subject.Stores()); err == nil {
		t.Error("nonsense is an order")
	}
	o, _ := order(t)
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := fleet.Serve(t.Context(), bytes.NewReader(text), io.Discard, subject.Stores()); err == nil {
		t.Error("a member works whose crew has gone")
	}
}
