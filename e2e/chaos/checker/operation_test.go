package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// What a process wrote is read as it was, also if it was killed in the middle of a line.
func TestHistoryIsReadAsItWasWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.jsonl")
	h, err := chaos.NewHistory(name, "a", "key", "office")
	if err != nil {
		t.Fatal(err)
	}
	first := h.Begin(chaos.Entry{Kind: chaos.TokenOp})
	second := h.Begin(chaos.Entry{Kind: chaos.RejectOp, Token: "one"})
	h.Note(chaos.Entry{Kind: chaos.Noted, Text: "now"})
	h.End(first, chaos.Entry{Kind: chaos.TokenOp, Token: "two"})
	third := h.Begin(chaos.Entry{Kind: chaos.FetchOp})
	h.End(second, chaos.Entry{Kind: chaos.RejectOp, Error: "no", Unclear: true})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := chaos.NewHistory(name, "a", "key", "office"); err == nil {
		t.Error("a history was written into another one")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := read(strings.NewReader(string(text) + `{"Process":"a","ID":3,"Ki`))
	if err != nil || len(all) != 4 {
		t.Fatalf("%d operations, %v; want 4", len(all), err)
	}
	for i, want := range []struct {
		id                int
		kind              chaos.Kind
		token, err        string
		open, read, write bool
	}{
		{first, chaos.TokenOp, "two", "", false, true, false},
		{second, chaos.RejectOp, "one", "no", false, false, false},
		{third - 1, chaos.Noted, "", "", false, false, false},
		{third, chaos.FetchOp, "", "", true, false, false},
	} {
		o := all[i]
		if o.ID != want.id || o.Kind != want.kind || o.Token != want.token || o.Entry.Error != want.err || o.open != want.open ||
			o.isRead() != want.read || o.mayWrite() != want.write || o.Key != "key" || o.Identity != "office" || o.Process != "a" {
			t.Errorf("operation %d is %+v, want %+v", i, o, want)
		}
		if o.end.Before(o.begin) {
			t.Errorf("operation %d ends at %v and begins at %v", i, o.end, o.begin)
		}
	}
}

// A history that cannot be one is refused: nothing is said about it.
func TestBrokenHistoryIsRefused(t *testing.T) {
	for name, lines := range map[string]string{
		"no JSON":           "x\n",
		"two begins of one": `{"Process":"a","ID":1,"Kind":"token","Part":"begin"}` + "\n" + `{"Process":"a","ID":1,"Kind":"token","Part":"begin"}` + "\n",
		"two ends of one": `{"Process":"a","ID":1,"Kind":"token","Part":"begin"}` + "\n" +
			strings.Repeat(`{"Process":"a","ID":1,"Kind":"token","Part":"end"}`+"\n", 2),
		"an unknown member": `{"Process":"a","ID":1,"Kind":"token","Part":"end","More":1}` + "\n",
		"neither":           `{"Process":"a","ID":1,"Kind":"token","Part":"middle"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			if all, err := read(strings.NewReader(lines)); err == nil {
				t.Errorf("read as %+v", all)
			}
		})
	}
	if _, err := check(nil, t.TempDir(), 0); err == nil {
		t.Error("no file is a history")
	}
}
