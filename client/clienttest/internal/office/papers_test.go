package office_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

func TestFollowUpOfTheNodeClient(t *testing.T) {
	o := open(t, office.Options{})
	got := decode[object](t, o, 201, "POST", "/api/v1/Wiedervorlagen", `{"AktenId":104,"Datum":"2026-09-02","Text":"Interne Wiedervorlage"}`)
	if got["aktenId"] != 104.0 || !strings.HasPrefix(got["datum"].(string), "2026-09-02T00:00:00") || got["text"] != "Interne Wiedervorlage" || got["erledigt"] != "0" {
		t.Errorf("%v", got)
	}
}

func TestContentOfFilesIsNotKept(t *testing.T) {
	o := open(t, office.Options{})
	post := httptest.NewRequest("POST", "/api/v1/File", nil)
	large := []byte(`{"dateiname":"groß.pdf","inhalt":"` + strings.Repeat("QUJD", 3<<20) + `"}`)
	for range 3 { // more than there is room for
		a := o.Answer(post, large)
		if a.Status != 201 || !strings.Contains(string(a.Body), `"groesse":9437184,`) || strings.Contains(string(a.Body), "inhalt") {
			t.Fatalf("%d %.200s", a.Status, a.Body)
		}
	}
}

// What has no zone means Berlin here, and UTC on ActiveSync.
func TestZonelessTimes(t *testing.T) {
	zoneless := map[string]int{}
	now := time.Date(2026, 1, 1, 23, 30, 0, 0, time.UTC)
	o := open(t, office.Options{Now: func() time.Time { return now }})
	for ; now.Year() < 2027; now = now.Add(11 * 24 * time.Hour) {
		ahead := time.Hour
		if now.Month() > time.March && now.Month() < time.November && now.Before(time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)) {
			ahead = 2 * time.Hour
		}
		const seconds = "2006-01-02T15:04:05"
		utc, berlin := now.Format(seconds), now.Add(ahead).Format(seconds)
		for target, want := range map[string]string{advonet + "/TermineActiveSync?frnr=5001 ZuletztGeaendertAm": utc,
			advonet + "/TodosActiveSync?frnr=2000001 ZuletztGeaendertAm": utc, advonet + "/Beteiligte/20001 geaendertAm": berlin, "/api/v1/Wiedervorlagen/40001 geaendertAm": berlin} {
			target, member, _ := strings.Cut(target, " ")
			got := decode[object](t, o, 200, "PUT", target, `{}`)[member].(string)
			if strings.HasSuffix(got, "Z") {
				want = utc
			} else {
				zoneless[member]++
			}
			if got[:len(seconds)] != want {
				t.Errorf("%s at %v: %q, want %s", target, now, got, want)
			}
		}
	}
	if zoneless["ZuletztGeaendertAm"] == 0 || zoneless["geaendertAm"] == 0 {
		t.Errorf("without a zone: %v", zoneless)
	}
}

func TestFormsOfFollowUps(t *testing.T) {
	o := open(t, office.Options{Rows: 100})
	allDay := 0
	for _, row := range decode[[]object](t, o, 200, "GET", "/api/v1/Wiedervorlagen", "") {
		from, to := row["datum"].(string), row["datumBis"].(string)
		if from[10:19] != "T00:00:00" || strings.HasSuffix(from, "Z") || to != noDate && (to[:10] != from[:10] || row["uhrzeitBis"].(string) <= row["uhrzeitVon"].(string)) {
			t.Errorf("%v", row)
		}
		if row["uhrzeitVon"] == "00:00:00" && row["uhrzeitBis"] == "23:59:00" {
			allDay++
		}
	}
	if allDay != 20 {
		t.Errorf("%d all day", allDay)
	}
}
