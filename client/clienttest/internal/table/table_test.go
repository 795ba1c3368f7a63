package table_test

import (
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
)

type row struct {
	table.Mark
	text string
}

func rows(n int) (*table.Base, *table.Table[row]) {
	at := time.Unix(1e9, 123456789)
	base := table.NewBase(1, at, func() time.Time { return at })
	return base, table.New(base, "rows", 10, n, func(int) row { return row{text: "made"} },
		func(r *row, m table.Mark) { r.Mark = m })
}

func numbers(t *table.Table[row]) (all []int) {
	for r := range t.All() {
		all = append(all, r.Number)
	}
	return all
}

func TestRowsAreMadeAndWrittenOver(t *testing.T) {
	_, rows := rows(3)
	added, bad := rows.Add(row{text: "added"}, 5)
	if bad != nil || added.Number != 13 || added.At.Nanosecond() != 123456700 {
		t.Errorf("%+v %v", added, bad)
	}
	before, _ := rows.Find(11)
	changed, bad := rows.Change(11, func(old row) (row, int, *answer.Answer) {
		old.text += ", changed"
		return old, 1, nil
	})
	if bad != nil || changed.text != "made, changed" || changed.RowID == before.RowID || len(changed.RowID) != 40 {
		t.Errorf("%+v %v", changed, bad)
	}
	if again, _ := rows.Find(11); again != changed {
		t.Errorf("%+v", again)
	}
	if rows.Remove(10) != nil || rows.Remove(10).Status != 404 || rows.Remove(13) != nil {
		t.Error("Remove")
	}
	if got := numbers(rows); !slices.Equal(got, []int{11, 12}) {
		t.Errorf("%v", got)
	}
	if n := rows.Len(); n != 2 {
		t.Errorf("Len %d", n)
	}
	if added, _ := rows.Add(row{}, 0); added.Number != 14 || rows.Len() != 3 {
		t.Errorf("number %d is used twice", added.Number)
	}
	refused := answer.Refusal(400, "", "")
	if _, bad := rows.Change(12, func(old row) (row, int, *answer.Answer) { return row{}, 0, refused }); bad != refused {
		t.Errorf("%v", bad)
	}
	if r, ok := rows.Find(12); !ok || r.text != "made" {
		t.Errorf("a refused change was made: %+v", r)
	}
	for _, number := range []int{9, 10, 13, 15, -1} {
		if _, ok := rows.Find(number); ok {
			t.Errorf("there is a row %d", number)
		}
		if _, bad := rows.Change(number, nil); bad == nil || bad.Status != 404 {
			t.Errorf("a row %d was changed", number)
		}
	}
}

// What All goes through is as it was at the call.
func TestAllIsASnapshot(t *testing.T) {
	_, rows := rows(3)
	var seen []int
	for r := range rows.All() {
		seen = append(seen, r.Number)
		rows.Remove(r.Number + 1)
		rows.Add(row{}, 0)
	}
	if !slices.Equal(seen, []int{10, 11, 12}) {
		t.Errorf("%v", seen)
	}
}

// Room that was taken comes back: a table can be written to for ever.
func TestRoomComesBack(t *testing.T) {
	base, rows := rows(1)
	for range 2 * table.MaxWritten {
		r, bad := rows.Add(row{}, 4<<10)
		if bad != nil {
			t.Fatal(bad.Status)
		}
		rows.Change(10, func(old row) (row, int, *answer.Answer) { return old, 100, nil })
		rows.Remove(r.Number)
	}
	if !base.Take(table.MaxWritten-1, 0) || base.Take(1, 0) {
		t.Error("rows were lost")
	}
	if !base.Take(0, table.MaxBytes-table.Overhead-100) || base.Take(0, 1) || !base.Take(-1, -1) || !base.Take(0, 1) {
		t.Error("bytes were lost")
	}
}
