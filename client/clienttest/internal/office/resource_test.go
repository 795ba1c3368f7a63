package office_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestResources(t *testing.T) {
	for path, body := range map[string]string{
		"/api/v1/NewActivities":  `{"Text":"Anruf von Zoë","Gelesen":true}`,
		"/api/v1/Wiedervorlagen": `{"AktenId":104,"Datum":"2026-09-02","Text":"Interne Wiedervorlage Zoë"}`, // as the Node client writes it
		"/api/v1/File":           `{"aktenId":101,"dateiname":"Zoë.pdf","inhalt":"JVBERi0xLjc="}`,
		"/api/v1/Rechnungen":     `{"nummer":"Zoë 1","betrag":"119.005","bezahlt":0}`,
		"/api/v1/Akten":          `{"kurzrubrum":"Zoë ./. Groß","gegenstandswert":5}`,
	} {
		o := open(t, office.Options{})
		n := len(decode[[]object](t, o, 200, "GET", path, ""))
		made := decode[object](t, o, 201, "POST", path, body)
		r := ask(t, o, "POST", path, body)
		one := r.header.Get("Location")
		made2 := decode[object](t, o, 200, "GET", one, "")
		if one != fmt.Sprintf("%s/%.0f", path, made2["id"]) || made2["id"] != made["id"].(float64)+1 {
			t.Errorf("%s: Location %q after %v", path, one, made["id"])
		}
		for query, want := range map[string]int{"": n + 2, "?Search=zoë": 2, "?Search=": n + 2, "?search=zoë": n + 2, "?Search=gibt+es+nicht": 0} {
			if got := decode[[]object](t, o, 200, "GET", path+query, ""); len(got) != want {
				t.Errorf("%s%s: %d, want %d", path, query, len(got), want)
			}
		}
		target := one
		if path == "/api/v1/Rechnungen" {
			target = path
			decode[object](t, o, 400, "PUT", path, `{"nummer":"x"}`)
			decode[object](t, o, 404, "PUT", path, `{"id":1}`)
		}
		after := decode[object](t, o, 200, "PUT", target, fmt.Sprintf(`{"id":%.0f}`, made2["id"]))
		for member, value := range after {
			switch member {
			case "id", "rowId", "geaendertAm":
			default:
				if value != "" && value != 0.0 && value != "0" && value != false && value != noDate {
					t.Errorf("%s: %s is still %v", path, member, value)
				}
			}
		}
		if after["rowId"] != nil && after["rowId"] == made2["rowId"] {
			t.Errorf("%s: rowId stays", path)
		}
		if diff := cmp.Diff(after, decode[object](t, o, 200, "GET", one, "")); diff != "" {
			t.Errorf("%s (-put +got):\n%s", path, diff)
		}
	}
}
