package clienttest_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A test of a program that must stand a token that ends early.
func Example() {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()

	get := func(token string) {
		req, err := http.NewRequest("GET", fake.BaseURL()+"employees?limit=1", nil)
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := fake.Client().Do(req)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		fmt.Println(res.Status)
	}

	token := fake.Issue() // a real client sends a signed request to fake.TokenURL()
	get(token)
	fake.Revoke(token)
	get(token)
	fake.Inject(clienttest.Fault{On: clienttest.API, Status: http.StatusServiceUnavailable})
	get(fake.Issue())
	fmt.Println(fake.Counts().Unauthorized, "call was refused")
	// Output:
	// 200 OK
	// 401 Unauthorized
	// 503 Service Unavailable
	// 1 call was refused
}
