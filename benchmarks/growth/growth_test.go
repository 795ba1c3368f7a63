package growth_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/benchmarks/growth"
)

var measured = map[string]map[string]float64{
	"Growth/tenants=1000/processes=1":  {"hit-ns": 50, "B/tenant": 10_000, "redis-commands/renewal": 30, "redis-cpu-us/renewal": 120, "cpu-us/renewal": 500, "redis-commands/s": 1, "cpu-us/s": 100},
	"Growth/tenants=1000/processes=5":  {"redis-commands/renewal": 50, "redis-cpu-us/renewal": 200, "cpu-us/renewal": 900},
	"Growth/tenants=1000/processes=3":  {"redis-commands/renewal": 1, "redis-cpu-us/renewal": 1, "cpu-us/renewal": 1},
	"Growth/tenants=20000/processes=1": {"hit-ns": 80, "B/tenant": 9_000, "redis-commands/renewal": 30, "redis-cpu-us/renewal": 110, "cpu-us/renewal": 500},
	"Growth/tenants=x/processes=1":     {"hit-ns": 1},
	"Token/store=tiered":               {"ns/op": 5},
}

// The slope is taken from the largest count of processes, and handed on where there is none.
func TestRead(t *testing.T) {
	got, err := growth.Read(measured)
	want := []growth.Cost{
		{Tenants: 1000, Hit: 50, Memory: 10_000, Renewal: 30, Follow: 5, RedisRenewal: 120, RedisFollow: 20, CPURenewal: 500, CPUFollow: 100, Idle: 1, CPUIdle: 100},
		{Tenants: 20000, Hit: 80, Memory: 9_000, Renewal: 30, Follow: 5, RedisRenewal: 110, RedisFollow: 20, CPURenewal: 500, CPUFollow: 100},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if _, err := growth.Read(map[string]map[string]float64{"Token": nil}); err == nil {
		t.Error("results without Growth are no error")
	}
}

// 20,000 tokens, renewed every 1,000 s: 20 in each second, each read by 999 processes more.
func TestLoad(t *testing.T) {
	l := growth.Limits{Renewed: 1000, Request: 2, Redis: 0.5, Process: 0.1, Memory: 1e9, Requests: 50}
	c := growth.Cost{Tenants: 20000, Hit: 80, Memory: 10_000, Renewal: 30, Follow: 5, RedisRenewal: 120, RedisFollow: 20, CPURenewal: 500, CPUFollow: 100, Idle: 1, CPUIdle: 100}
	x := c.Of(1000, l)
	want := growth.Load{
		Tenants: 20000, Processes: 1000, Hit: 80, Commands: 20*(30+999*5) + 1000, Redis: (20*(120+999*20.0) + 1000*120.0/30) / 1e6,
		CPU: (20*(500+999*100.0)/1000 + 100) / 1e6, Memory: 2e8, Requests: 40,
	}
	if diff := cmp.Diff(want, x, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(a) })); diff != "" {
		t.Error(diff)
	}
	if share, over := x.Limit(l); over != "" || math.Abs(share-x.Redis/0.5) > 1e-9 && math.Abs(share-0.8) > 1e-9 {
		t.Errorf("%v of %q", share, over)
	}
	for _, c := range []struct {
		change func(*growth.Limits)
		part   growth.Part
	}{
		{func(l *growth.Limits) { l.Redis = 0.3 }, growth.Redis}, {func(l *growth.Limits) { l.Process = 0.001 }, growth.Process},
		{func(l *growth.Limits) { l.Memory = 1e7 }, growth.Memory}, {func(l *growth.Limits) { l.Requests = 10 }, growth.Gateway},
	} {
		l := l
		c.change(&l)
		if share, over := x.Limit(l); over != c.part || share <= 1 {
			t.Errorf("%v of %q, want %q", share, over, c.part)
		}
	}
	// At the limit that Most gives nothing is too much; with a twentieth more something is.
	most, part := growth.Most([]growth.Cost{c}, 1000, l)
	c.Idle, c.CPUIdle = 0, 0
	for factor, over := range map[float64]growth.Part{1: "", 1.05: part} {
		c.Tenants = int(float64(most) * factor)
		if _, got := c.Of(1000, l).Limit(l); got != over {
			t.Errorf("%d tenants: over %q, want %q", c.Tenants, got, over)
		}
	}
}

func TestTablesAndPicture(t *testing.T) {
	costs, err := growth.Read(measured)
	if err != nil {
		t.Fatal(err)
	}
	var text, picture bytes.Buffer
	growth.WriteTables(&text, costs, growth.Defaults)
	for _, want := range []string{"| 1,000 | 50 | 10 | 30 | 120 | 500 | 5 | 20 | 1 | 0.1 |\n", "| 20,000 × 1,000 |", "\n| 1,000 | "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	if err := growth.WritePicture(&picture, costs, growth.Defaults, "a <machine> & more"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(picture.String(), `class="curve `); n != len(growth.Processes) || strings.Contains(picture.String(), "NaN") {
		t.Errorf("%d curves\n%s", n, &picture)
	}
	for d := xml.NewDecoder(&picture); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := growth.WritePicture(&picture, nil, growth.Defaults, ""); err == nil {
		t.Error("a picture of nothing is no error")
	}
}
