package advowaretest_test

import (
	"fmt"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

var t *testing.T // of your test

// A test that needs neither credentials nor a Redis.
func Example() {
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	employees, err := client.Get[[]struct{ Nachname string }](t.Context(), c, "/employees", nil)
	fmt.Println(employees, err, fake.Counts().APICalls)
}
