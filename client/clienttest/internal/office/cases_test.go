package office_test

import (
	"fmt"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

func TestCasesAtBothPaths(t *testing.T) {
	o := open(t, office.Options{Rows: 600})
	all := decode[[]object](t, o, 200, "GET", "/api/v1/Akten", "")
	if len(all) != 600 || len(decode[[]object](t, open(t, office.Options{}), 200, "GET", "/api/v1/Akten", "")) != 6 {
		t.Errorf("%d cases", len(all))
	}
	archived := 0
	for _, row := range all[:50] {
		path := fmt.Sprintf("%s/Akten/%v", advonet, row["id"])
		other := decode[object](t, o, 200, "GET", path, "")
		if ablage := other["ablage"] == 1.0; ablage != row["abgelegt"] || other["aktenzeichen"] != row["aktenzeichen"] ||
			other["anlagedatum"].(string)[:10] != row["anlagedatum"] || !asRowID.MatchString(other["rowId"].(string)) {
			t.Errorf("%v and %v", row, other)
		} else if ablage {
			archived++
		}
		events := decode[[]object](t, o, 200, "GET", path+"/History", "")
		if len(events) != 3 || events[2]["aktenId"] != row["id"] {
			t.Errorf("%s: %v", path, events)
		}
	}
	if archived == 0 || archived == 50 {
		t.Errorf("%d of 50 archived", archived)
	}
	before := decode[object](t, o, 200, "GET", advonet+"/Akten/101", "")
	decode[object](t, o, 200, "PUT", "/api/v1/Akten/101", `{"aktenzeichen":"00017/26","abgelegt":"1"}`)
	after := decode[object](t, o, 200, "GET", advonet+"/Akten/101", "")
	if after["ablage"] != 1.0 || after["rubrum"] != "" || after["rowId"] == before["rowId"] {
		t.Errorf("%v", after)
	}
}
