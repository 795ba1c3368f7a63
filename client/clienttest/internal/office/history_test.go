package office_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

func TestHistory(t *testing.T) {
	o := open(t, office.Options{})
	made := decode[object](t, o, 201, "POST", "/api/v1/Akten", `{"kurzrubrum":"neu"}`)
	for id, n := range map[string]int{"106": 3, fmt.Sprint(made["id"]): 0} {
		path := advonet + "/Akten/" + id + "/History"
		if got := decode[[]object](t, o, 200, "GET", path, ""); len(got) != n {
			t.Fatalf("%s: %v", path, got)
		}
		event := decode[object](t, o, 201, "POST", path, `{"art":"Vermerk","text":"Rückruf","datum":"2026-02-10T09:00:00","aktenId":101}`)
		got := decode[[]object](t, o, 200, "GET", path, "")
		if diff := cmp.Diff(event, got[len(got)-1]); diff != "" || len(got) != n+1 || fmt.Sprint(event["aktenId"]) != id {
			t.Errorf("%s (-posted +got):\n%s", path, diff)
		}
	}
	if got := decode[[]object](t, o, 200, "GET", advonet+"/Akten/105/History", ""); len(got) != 3 {
		t.Errorf("of another case: %v", got)
	}
}
