package event_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
)

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l event.Log
		l.Add(event.Request, "before anybody asks")
		l.Start(time.Now().Add(time.Second))
		l.Add(event.Scene, "early")
		time.Sleep(3 * time.Second)
		l.Add(event.Token, "late")
		want := []event.Event{{At: -time.Second, Kind: event.Scene, Text: "early"}, {At: 2 * time.Second, Kind: event.Token, Text: "late"}}
		if got := l.Events(); !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		l.Stop()
		l.Add(event.Down, "too late")
		if got := l.Events(); !slices.Equal(got, want) {
			t.Errorf("after the stop there are %v", got)
		}
		l.Start(time.Now())
		for range 2000 {
			l.Add(event.Up, "again")
		}
		if got := len(l.Events()); got != 1000 {
			t.Errorf("%d events are kept", got)
		}
		l.Start(time.Now())
		if got := l.Events(); len(got) != 0 {
			t.Errorf("after a new start there are %v", got)
		}
	})
}

func TestMergeIsInOrder(t *testing.T) {
	got := event.Merge(
		[]event.Event{{At: 1, Text: "a"}, {At: 5, Text: "b"}},
		[]event.Event{{At: -1, Text: "c"}, {At: 1, Text: "d"}},
	)
	var order string
	for _, e := range got {
		order += e.Text
	}
	if order != "cadb" {
		t.Errorf("the order is %s", order)
	}
}
