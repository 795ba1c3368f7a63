package office_test

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

// synced is what is tested on both collections.
var synced = map[string]object{
	"TermineActiveSync": {"Text": "Besprechung", "Datum": "2026-02-11T09:00:00Z", "DatumBis": "2026-02-11T10:00:00Z", "UhrzeitBis": "10:00:00", "Anwalt": "JM"},
	"TodosActiveSync":   {"Text": "Anrufen", "Datum": "2026-02-11T09:00:00Z", "Kuerzel": "JM", "Status": "offen", "Prioritaet": "Hoch", "Privat": "1", "Erledigt": ""},
}

func TestOnePathAnswersArrayOrObject(t *testing.T) {
	for name := range synced {
		o := open(t, office.Options{})
		path := advonet + "/" + name
		all := decode[[]object](t, o, 200, "GET", path, "")
		if len(all) != 40 {
			t.Fatalf("%d rows", len(all))
		}
		for _, row := range all[:3] {
			one := decode[object](t, o, 200, "GET", fmt.Sprintf("%s?frnr=%.0f", path, row["FrNr"]), "")
			if diff := cmp.Diff(row, one); diff != "" {
				t.Errorf("(-array +object):\n%s", diff)
			}
		}
		// A name that is misspelt is as if it were not there, and so is one that is not known.
		for _, query := range []string{"frNr=2000001", "FRNR=5001", "frnr=", "From=2026-02-10&To=2026-02-10", "Kuerzel=JM", "limit=1", "x"} {
			if got := decode[[]object](t, o, 200, "GET", path+"?"+query, ""); len(got) != len(all) {
				t.Errorf("%s: %d rows", query, len(got))
			}
		}
		for query, status := range map[string]int{"frnr=1": 404, "frnr=x": 400, "frnr=5001.0": 400, "from=heute": 400, "to=10.2.2026": 400} {
			decode[object](t, o, status, "GET", path+"?"+query, "")
		}
	}
}

func TestSpanAndKuerzel(t *testing.T) {
	o := open(t, office.Options{Rows: 100})
	path := advonet + "/TermineActiveSync"
	get := func(query url.Values) []object {
		return decode[[]object](t, o, 200, "GET", path+"?"+query.Encode(), "")
	}
	// By day, all together are all of them.
	seen := map[any]bool{}
	for day := began.AddDate(0, 0, -40); day.Before(began.AddDate(0, 0, 90)); day = day.AddDate(0, 0, 1) {
		text := day.Format(time.DateOnly)
		for _, row := range get(url.Values{"from": {text}, "to": {text}}) {
			seen[row["FrNr"]] = true
			if from, to := row["Datum"].(string)[:10], row["DatumBis"].(string)[:10]; from > text || to < text {
				t.Errorf("%s: %v to %v", text, from, to)
			}
		}
	}
	if len(seen) < 97 { // a series may have begun earlier
		t.Errorf("%d of 100 by day", len(seen))
	}
	n := len(get(url.Values{"kuerzel": {"Allgemein"}}))
	if n == 0 {
		t.Error("nothing is nobody's")
	}
	for _, kuerzel := range []string{"JM", "KS", "ÖY", "FG", "BW", "TK", "LJ", "HB"} {
		rows := get(url.Values{"kuerzel": {kuerzel}})
		n += len(rows)
		if len(rows) == 0 || slices.ContainsFunc(rows, func(row object) bool { return row["Anwalt"] != kuerzel }) {
			t.Errorf("%s: %d rows", kuerzel, len(rows))
		}
	}
	if n != 100 {
		t.Errorf("%d of 100 by kuerzel", n)
	}
	if got := get(url.Values{"kuerzel": {"jm"}}); len(got) != 0 {
		t.Errorf("jm: %d rows", len(got))
	}
}

func TestPostAnswersABareNumber(t *testing.T) {
	for name, row := range synced {
		o := open(t, office.Options{})
		path := advonet + "/" + name
		r := ask(t, o, "POST", path, toJSON(row))
		if !regexp.MustCompile(`^\d+\n$`).MatchString(r.text) || r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
			t.Fatalf("%d %q %v", r.status, r.text, r.header)
		}
		one := decode[object](t, o, 200, "GET", path+"?frnr="+strings.TrimSpace(r.text), "")
		if one["Text"] != row["Text"] || fmt.Sprintf("%.0f", one["FrNr"]) != strings.TrimSpace(r.text) {
			t.Errorf("%v", one)
		}
		if got := decode[[]object](t, o, 200, "GET", path, ""); len(got) != 41 || got[40]["FrNr"] != one["FrNr"] {
			t.Errorf("the new one is not the last of %d", len(got))
		}
	}
}

func TestPutReplaces(t *testing.T) {
	for name, row := range synced {
		now := began
		o := open(t, office.Options{Now: func() time.Time { return now }})
		path := fmt.Sprintf("%s/%s?frnr=%d", advonet, name, decode[int](t, o, 200, "POST", advonet+"/"+name, toJSON(row)))
		before := decode[object](t, o, 200, "GET", path, "")

		// Whoever sends all of it back changes what is meant, the rowId and the time.
		now = now.Add(time.Hour)
		changed := maps.Clone(before)
		changed["Text"] = "Verschoben"
		decode[object](t, o, 200, "PUT", path, toJSON(changed))
		after := decode[object](t, o, 200, "GET", path, "")
		for _, stamp := range []string{"RowId", "ZuletztGeaendertAm"} {
			if after[stamp] == before[stamp] {
				t.Errorf("%s: %v stays", stamp, after[stamp])
			}
			changed[stamp] = after[stamp]
		}
		if diff := cmp.Diff(changed, after); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// Whoever sends a part of it loses the rest.
		decode[object](t, o, 200, "PUT", path, `{"Text":"allein","FrNr":1,"RowId":"x","Fremd":7}`)
		alone := decode[object](t, o, 200, "GET", path, "")
		for member, value := range alone {
			switch member {
			case "FrNr", "RowId", "ZuletztGeaendertAm", "Text":
			default:
				if value != "" && value != 0.0 && value != "0" && value != "0001-01-01T00:00:00Z" {
					t.Errorf("%s is still %v", member, value)
				}
			}
		}
		if alone["Text"] != "allein" || alone["FrNr"] != before["FrNr"] || alone["RowId"] == after["RowId"] {
			t.Errorf("%v", alone)
		}
		// Without frnr, or with another name, nothing is changed or deleted.
		for _, query := range []string{"", "?frNr=5001", "?frnr=", "?frnr=x"} {
			decode[object](t, o, 400, "PUT", advonet+"/"+name+query, `{}`)
			decode[object](t, o, 400, "DELETE", advonet+"/"+name+query, ``)
		}
		if r := ask(t, o, "DELETE", path, ""); r.status != 204 || r.text != "" {
			t.Errorf("DELETE: %d %q", r.status, r.text)
		}
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			decode[object](t, o, 404, method, path, "{}")
		}
		if got := decode[[]object](t, o, 200, "GET", advonet+"/"+name, ""); len(got) != 40 {
			t.Errorf("%d rows", len(got))
		}
	}
}

func TestMadeRowsCanBeChangedAndDeleted(t *testing.T) {
	o := open(t, office.Options{})
	path := advonet + "/TodosActiveSync"
	before := decode[[]object](t, o, 200, "GET", path, "")
	decode[object](t, o, 200, "PUT", path+"?frnr=2000003", `{"Text":"x"}`)
	for range 2 {
		ask(t, o, "DELETE", path+"?frnr=2000002", "")
	}
	after := decode[[]object](t, o, 200, "GET", path, "")
	if len(after) != 39 || after[1]["FrNr"] != 2000003.0 || after[1]["Text"] != "x" || after[1]["RowId"] == before[2]["RowId"] {
		t.Errorf("%d rows, the second is %v", len(after), after[1])
	}
	if diff := cmp.Diff(before[3:], after[2:]); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
	if n := decode[int](t, o, 200, "POST", path, `{}`); n != 2000041 {
		t.Errorf("number %d", n)
	}
}

var (
	asTime    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z?$`)
	asRowID   = regexp.MustCompile(`^[0-9a-f]{40}$`)
	asPascal  = regexp.MustCompile(`^[A-Z][A-Za-z_]*$`)
	asCamel   = regexp.MustCompile(`^[a-z][A-Za-z]*$`)
	noDate    = "0001-01-01T00:00:00Z"
	timesSync = []string{"Datum", "DatumBis", "ErinnerungsDatum", "Erledigt_Datum", "ZuletztGeaendertAm"}
)

func TestFormsOnActiveSync(t *testing.T) {
	o := open(t, office.Options{Rows: 300})
	forms := map[string]bool{}
	for name := range synced {
		for _, row := range decode[[]object](t, o, 200, "GET", advonet+"/"+name, "") {
			for member := range row {
				if !asPascal.MatchString(member) {
					t.Fatalf("%s is not PascalCase", member)
				}
			}
			if !asRowID.MatchString(row["RowId"].(string)) {
				t.Fatalf("RowId %v", row["RowId"])
			}
			for _, member := range timesSync {
				text, ok := row[member].(string)
				if !ok || text == noDate {
					continue
				}
				if !asTime.MatchString(text) {
					t.Fatalf("%s: %q", member, text)
				}
				_, fraction, _ := strings.Cut(strings.TrimSuffix(text, "Z"), ".")
				forms[fmt.Sprint(len(fraction), strings.HasSuffix(text, "Z"))] = true
				if member == "ZuletztGeaendertAm" && len(text) == len("2006-01-02T15:04:05") {
					t.Errorf("%s: %q, which the vendor's calendar backend cannot read", member, text)
				}
			}
			switch private := row["Privat"]; name {
			case "TermineActiveSync":
				if private != 0.0 && private != 1.0 {
					t.Fatalf("Privat %v", private)
				}
			default:
				if private != "0" && private != "1" {
					t.Fatalf("Privat %v", private)
				}
			}
		}
	}
	if len(forms) != 16 {
		t.Errorf("forms of times seen: %v", slices.Sorted(maps.Keys(forms)))
	}
}

func TestAllDayEndsBeforeMidnightInBerlin(t *testing.T) {
	o := open(t, office.Options{Rows: 500})
	summer, winter := 0, 0
	for _, row := range decode[[]object](t, o, 200, "GET", advonet+"/TermineActiveSync", "") {
		if row["Abwesenheit"] == 0.0 {
			continue
		}
		begin, end := row["Datum"].(string)[11:16], row["DatumBis"].(string)[11:16]
		if (begin != "23:00" && begin != "22:00") || (end != "22:59" && end != "21:59") || row["UhrzeitBis"] != end+":00" {
			t.Errorf("%v to %v, %v", row["Datum"], row["DatumBis"], row["UhrzeitBis"])
		}
		if begin == "22:00" {
			summer++
		} else {
			winter++
		}
	}
	if summer == 0 || winter == 0 {
		t.Errorf("%d in summer, %d in winter", summer, winter)
	}
}

func TestTicksCountMoreThanTheTimeOfDay(t *testing.T) {
	o := open(t, office.Options{})
	path := advonet + "/TermineActiveSync?frnr=5001"
	row := decode[object](t, o, 200, "GET", path, "")
	row["UhrzeitBis"] = "20:00:00"
	if got := decode[object](t, o, 200, "PUT", path, toJSON(row)); got["UhrzeitBis"] == "20:00:00" {
		t.Errorf("ends at %v in spite of the ticks", got["UhrzeitBis"])
	}
	delete(row, "UhrzeitBisTicks")
	if got := decode[object](t, o, 200, "PUT", path, toJSON(row)); got["UhrzeitBis"] != "20:00:00" || got["UhrzeitBisTicks"] != 20*3600*1e7 {
		t.Errorf("ends at %v, %v", got["UhrzeitBis"], got["UhrzeitBisTicks"])
	}
	for _, ticks := range []string{"-1", "864000000000", "9223372036854775807"} {
		decode[object](t, o, 400, "PUT", path, `{"UhrzeitBisTicks":`+ticks+`}`)
	}
}
