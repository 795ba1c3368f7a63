package clienttest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/clienttest"
)

// record is a test that only notes what it gets.
type record struct {
	fatal    string
	cleanups []func()
}

func (*record) Helper()             {}
func (r *record) Fatal(args ...any) { r.fatal = fmt.Sprint(args...) }
func (r *record) Cleanup(f func())  { r.cleanups = append(r.cleanups, f) }

func TestStartEndsWithTheTest(t *testing.T) {
	var test record
	fake := clienttest.Start(&test, clienttest.Options{})
	if test.fatal != "" || len(test.cleanups) != 1 {
		t.Fatalf("%q, %d cleanups", test.fatal, len(test.cleanups))
	}
	fake.Issue()
	send(t, fake, "GET", "/employees", "").wants(t, 401)
	test.cleanups[0]()
	if _, err := try(t, fake, "GET", "/employees", ""); err == nil {
		t.Error("the server answers after the test has ended")
	}
}

func TestStartRefusesOptions(t *testing.T) {
	var test record
	if fake := clienttest.Start(&test, clienttest.Options{APIKey: "no base64!"}); fake != nil || !strings.Contains(test.fatal, "APIKey") || len(test.cleanups) != 0 {
		t.Errorf("%v, %q, %d cleanups", fake, test.fatal, len(test.cleanups))
	}
}

func TestStartInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true})
		send(t, fake, "GET", "/employees", "", "Authorization: Bearer "+fake.Issue()).wants(t, 200)
	})
}
