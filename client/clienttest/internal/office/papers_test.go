package office_test

import (
	"strings"
	"testing"

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
	large := strings.Repeat("QUJD", 256<<10)
	for range 40 { // more than there is room for
		got := decode[object](t, o, 201, "POST", "/api/v1/File", `{"dateiname":"groß.pdf","inhalt":"`+large+`"}`)
		if got["groesse"] != 768.0*(1<<10) || got["inhalt"] != nil {
			t.Fatalf("%.200v", got)
		}
	}
}
