package office_test

import (
	"net/http/httptest"
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
	post := httptest.NewRequest("POST", "/api/v1/File", nil)
	large := []byte(`{"dateiname":"groß.pdf","inhalt":"` + strings.Repeat("QUJD", 3<<20) + `"}`)
	for range 3 { // more than there is room for
		a := o.Answer(post, large)
		if a.Status != 201 || !strings.Contains(string(a.Body), `"groesse":9437184,`) || strings.Contains(string(a.Body), "inhalt") {
			t.Fatalf("%d %.200s", a.Status, a.Body)
		}
	}
}
