package advowaretest_test

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// A test that needs neither credentials nor a Redis: t is its *testing.T.
func Example() {
	defer t.end() // go test does that

	c, fake := advowaretest.Client(t, clienttest.Options{})
	employees, err := client.Get[[]struct{ Nachname string }](t.Context(), c, "/employees", nil)
	fmt.Println(len(employees), err, fake.Counts().TokenRequests)

	fake.RevokeAll() // a call that meets a 401 has a new token, and is made again
	_, err = client.Get[[]struct{ Nachname string }](t.Context(), c, "/employees", nil)
	fmt.Println(err, fake.Counts().TokenRequests)

	fake.Inject(clienttest.Fault{On: clienttest.API, Status: http.StatusForbidden})
	_, err = client.Get[[]struct{ Nachname string }](t.Context(), c, "/employees", nil)
	fmt.Println(errors.Is(err, client.ErrForbidden))
	// Output:
	// 8 <nil> 1
	// <nil> 2
	// true
}
