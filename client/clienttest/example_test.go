package clienttest_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

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

// A program that works in the background is waited for, and not polled.
func ExampleServer_Inject() {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	off := fake.Inject(clienttest.Fault{
		On:      clienttest.API,
		Refusal: clienttest.NotConnected, // the office's server is off
		Times:   2,
		Where:   func(r *clienttest.Request) bool { return r.Method == "GET" && r.Path == "/employees" },
	})

	token := fake.Issue()
	go func() { // the program
		for range 2 {
			req, _ := http.NewRequest("GET", fake.BaseURL()+"employees", nil)
			req.Header.Set("Authorization", "Bearer "+token)
			if res, err := fake.Client().Do(req); err == nil {
				res.Body.Close()
			}
		}
	}()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(off.Wait(ctx, 2), off.Hits())
	for _, r := range fake.Requests() { // nothing in it is secret
		fmt.Println(r.Method, r.Path, r.Kanzlei)
	}
	// Output:
	// <nil> 2
	// GET /employees sandbox-kanzlei
	// GET /employees sandbox-kanzlei
}

// An office that has an address of its own, which a program finds by discovery.
func ExampleServer_AddConnector() {
	fake, err := clienttest.New(clienttest.Options{InMemory: true})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	office, err := fake.AddConnector("sandbox-kanzlei", clienttest.ConnectorOptions{Addr: "connector.local:88", TLS: true})
	if err != nil {
		log.Fatal(err)
	}
	find := func() {
		res, err := fake.Client().Get(fake.DiscoveryURL() + "?Kanzlei=sandbox-kanzlei")
		if err != nil {
			log.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		fmt.Print(string(body))
	}
	find() // office.CA() and office.Pin() are what its client must trust
	if err := office.Move("connector.local:22222"); err != nil {
		log.Fatal(err)
	}
	find()
	d := fake.Discovery("sandbox-kanzlei")
	d.ConnectorURL, d.SecurityGateway = "", clienttest.Absent
	fake.SetDiscovery("sandbox-kanzlei", d)
	find()
	// Output:
	// {"relayUrl":"http://127.0.0.1:80/","connectorUrl":"https://connector.local:88/","securityGateway":"http://127.0.0.1:80/"}
	// {"relayUrl":"http://127.0.0.1:80/","connectorUrl":"https://connector.local:22222/","securityGateway":"http://127.0.0.1:80/"}
	// {"relayUrl":"http://127.0.0.1:80/","connectorUrl":""}
}
