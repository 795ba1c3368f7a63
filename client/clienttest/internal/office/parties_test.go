package office_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

func TestParty(t *testing.T) {
	o := open(t, office.Options{})
	made := decode[object](t, o, 201, "POST", advonet+"/Beteiligte", `{"name":"Groß","vorname":"Zoë","geburtsdatum":"1980-07-01","betNr":3,"kommunikation":[{"tlf":"1"}]}`)
	path := fmt.Sprint(advonet, "/Beteiligte/", made["betNr"])
	if r := ask(t, o, "GET", path, ""); r.status != 200 {
		t.Fatal(r.text)
	}
	before := decode[object](t, o, 200, "GET", path, "")
	if diff := cmp.Diff(made, before); diff != "" {
		t.Errorf("(-made +got):\n%s", diff)
	}
	if before["name"] != "Groß" || before["geburtsdatum"].(string)[:10] != "1980-07-01" || len(before["kommunikation"].([]any)) != 0 {
		t.Errorf("%v", before)
	}
	after := decode[object](t, o, 200, "PUT", path, `{"name":"Grün"}`)
	if after["name"] != "Grün" || after["vorname"] != "" || after["geburtsdatum"] != noDate || after["rowId"] == before["rowId"] || after["betNr"] != before["betNr"] {
		t.Errorf("%v", after)
	}
}

func TestFormsOfParties(t *testing.T) {
	o := open(t, office.Options{Rows: 300})
	withZone := 0
	for _, row := range decode[[]object](t, o, 200, "GET", advonet+"/Beteiligte", "") {
		for member := range row {
			if !asCamel.MatchString(member) {
				t.Fatalf("%s is not camelCase", member)
			}
		}
		born, at := row["geburtsdatum"].(string), row["geaendertAm"].(string)
		if !asRowID.MatchString(row["rowId"].(string)) || !asTime.MatchString(at) || born != noDate && born[10:19] != "T00:00:00" {
			t.Fatalf("%v", row)
		}
		if at[len(at)-1] == 'Z' {
			withZone++
		}
	}
	if withZone < 50 || withZone > 250 {
		t.Errorf("%d of 300 with a zone", withZone)
	}
}

func TestContacts(t *testing.T) {
	o := open(t, office.Options{})
	party := advonet + "/Beteiligte/20001"
	path := party + "/Kommunikationen"
	before := decode[object](t, o, 200, "GET", party, "")
	made := decode[object](t, o, 201, "POST", path, `{"kommKz":3,"tlf":"0170/5550100","bemerkung":"mobil","online":"1"}`)
	one := fmt.Sprintf("%s/%.0f", path, made["id"])

	// kommKz is read-only, and nothing says so.
	after := decode[object](t, o, 200, "PUT", one, `{"kommKz":7,"tlf":"0170/5550101","id":1}`)
	want := object{"id": made["id"], "kommKz": 3.0, "tlf": "0170/5550101", "bemerkung": "", "online": false, "rowId": after["rowId"]}
	if diff := cmp.Diff(want, after); diff != "" || after["rowId"] == made["rowId"] {
		t.Errorf("(-want +got):\n%s", diff)
	}
	now := decode[object](t, o, 200, "GET", party, "")
	contacts := now["kommunikation"].([]any)
	if diff := cmp.Diff(any(after), contacts[2]); diff != "" || len(contacts) != 3 || now["rowId"] == before["rowId"] {
		t.Errorf("the party (-want +got):\n%s", diff)
	}
	// A contact that was there from the start, too.
	if got := decode[object](t, o, 200, "PUT", path+"/200011", `{"kommKz":9}`); got["kommKz"] != 1.0 || got["tlf"] != "" {
		t.Errorf("%v", got)
	}
	// DELETE is 403, whatever it is of, and does nothing.
	for _, target := range []string{one, path, path + "/1", advonet + "/Beteiligte/1/Kommunikationen/1"} {
		decode[object](t, o, 403, "DELETE", target, "")
	}
	for _, target := range []string{path + "/1", path + "/x", advonet + "/Beteiligte/20002/Kommunikationen/200011"} {
		decode[object](t, o, 404, "PUT", target, "{}")
	}
	decode[object](t, o, 404, "POST", advonet+"/Beteiligte/1/Kommunikationen", "{}")
	if got := decode[object](t, o, 200, "GET", party, ""); len(got["kommunikation"].([]any)) != 3 {
		t.Errorf("%v", got["kommunikation"])
	}
}

func TestAccounts(t *testing.T) {
	o := open(t, office.Options{})
	path := advonet + "/Beteiligte/20001/Bankverbindungen"
	made := decode[object](t, o, 201, "POST", path, `{"iban":"DE02120300000000202051","kontoinhaber":"Groß"}`)
	party := decode[object](t, o, 200, "GET", advonet+"/Beteiligte/20001", "")
	if diff := cmp.Diff([]any{made}, party["bankverbindungen"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		decode[object](t, o, 405, method, path, "{}")
	}
}

func TestPartyIsBounded(t *testing.T) {
	o := open(t, office.Options{})
	for name, n := range map[string]int{"Kommunikationen": 998, "Bankverbindungen": 1000} {
		path := advonet + "/Beteiligte/20001/" + name
		post := httptest.NewRequest("POST", path, nil)
		for range n {
			if a := o.Answer(post, []byte(`{}`)); a.Status != 201 {
				t.Fatalf("%s: %d", name, a.Status)
			}
		}
		decode[object](t, o, 507, "POST", path, "{}")
	}
	decode[object](t, o, 200, "PUT", advonet+"/Beteiligte/20001", "{}")
	decode[object](t, o, 201, "POST", advonet+"/Beteiligte/20002/Kommunikationen", "{}")
}
