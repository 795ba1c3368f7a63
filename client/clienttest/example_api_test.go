package clienttest_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A PUT replaces: what it does not name is empty afterwards. Read the record, change
// what is meant, and send all of it back.
func Example_putReplaces() {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	do := caller(fake)

	const party = "api/v1/advonet/Beteiligte/20001"
	show := func() {
		var p struct{ Name, Ort string }
		json.Unmarshal(do("GET", party, ""), &p)
		fmt.Printf("name %q, ort %q\n", p.Name, p.Ort)
	}
	do("PUT", party, `{"name": "Weißenfels", "ort": "Lübeck"}`)
	show()

	var record map[string]any // all of it, unknown members too
	json.Unmarshal(do("GET", party, ""), &record)
	record["ort"] = "Köln"
	all, _ := json.Marshal(record)
	do("PUT", party, string(all))
	show()

	do("PUT", party, `{"ort": "Münster"}`)
	show()
	// Output:
	// name "Weißenfels", ort "Lübeck"
	// name "Weißenfels", ort "Köln"
	// name "", ort "Münster"
}

// A parameter that is misspelt is ignored: frNr in place of frnr answers 200 with an
// array of everything, where one object is meant.
func Example_misspeltParameter() {
	fake, err := clienttest.New(clienttest.Options{Rows: 1000})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	do := caller(fake)

	var one struct{ FrNr int }
	json.Unmarshal(do("GET", "api/v1/advonet/TermineActiveSync?frnr=5007", ""), &one)
	fmt.Println("frnr: number", one.FrNr)

	var all []struct{ FrNr int }
	json.Unmarshal(do("GET", "api/v1/advonet/TermineActiveSync?frNr=5007", ""), &all)
	fmt.Println("frNr:", len(all), "appointments")

	// The answer to a POST is the new number and nothing else.
	fmt.Printf("POST: %s", do("POST", "api/v1/advonet/TermineActiveSync", `{"Text": "Besprechung"}`))
	// Output:
	// frnr: number 5007
	// frNr: 1000 appointments
	// POST: 6001
}

// caller calls the fake with a token, as an authenticated client does.
func caller(fake *clienttest.Server) func(method, endpoint, body string) []byte {
	token := fake.Issue()
	return func(method, endpoint, body string) []byte {
		req, err := http.NewRequest(method, fake.BaseURL()+endpoint, strings.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := fake.Client().Do(req)
		if err != nil {
			log.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode >= 300 {
			log.Fatal(res.Status)
		}
		var answer json.RawMessage
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			log.Fatal(err)
		}
		return append(answer, '\n')
	}
}
