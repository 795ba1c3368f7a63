package advowaretest_test

import (
	"fmt"
	"testing"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

var t *testing.T // of your test

// A test that needs neither credentials nor a Redis.
func Example() {
	c, fake := advowaretest.Client(t, clienttest.Options{})
	employees, err := client.Get[[]struct{ Nachname string }](t.Context(), c, "/employees", nil)
	fmt.Println(employees, err, fake.Counts().APICalls)
}
