package control_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

type injected struct {
	ID     int             `json:"id"`
	Hits   int             `json:"hits"`
	Active bool            `json:"active"`
	Given  json.RawMessage `json:"given"`
}

func (i injected) is(id, hits int, active bool) bool {
	return i.ID == id && i.Hits == hits && i.Active == active
}

// The life of a fault: injected, hit, waited for, ended, removed.
func TestFault(t *testing.T) {
	fake, base := start(t)
	var got injected
	made := call(t, "POST", base+"faults", `{"on":"api","status":418,"times":2}`)
	if made.want(t, 201, &got); !got.is(1, 0, true) || string(got.Given) != `{"on":"api","status":418,"times":2}` || !strings.HasSuffix(base+"faults/1", made.header.Get("Location")) {
		t.Fatalf("%+v at %s", got, made.header.Get("Location"))
	}
	waited := make(chan string)
	go func() {
		text, _, _ := try("GET", base+"faults/1/wait?hits=2&timeout=60")
		waited <- text
	}()
	for range 2 {
		if status := ask(t, fake, "employees"); status != 418 {
			t.Errorf("status %d", status)
		}
	}
	if text := <-waited; !strings.Contains(text, `"hits":2`) {
		t.Errorf("waited for %s", text)
	}
	if status := ask(t, fake, "employees"); status != 200 {
		t.Errorf("status %d after both", status)
	}
	if call(t, "GET", base+"faults/1", "").want(t, 200, &got); !got.is(1, 2, false) {
		t.Errorf("%+v", got)
	}
	// No more will be struck: waiting for one more ends at once.
	call(t, "GET", base+"faults/1/wait?hits=3&timeout=60", "").wantProblem(t, 409, "hits", "2")

	call(t, "POST", base+"faults", `{"on":"api","status":418,"times":-1}`).want(t, 201, nil)
	call(t, "GET", base+"faults/2/wait?timeout=0", "").wantProblem(t, 409, "hits", "0 of 1")
	for range 2 { // it is idempotent
		call(t, "DELETE", base+"faults/2", "").want(t, 204, nil)
	}
	if call(t, "GET", base+"faults/2", "").want(t, 200, &got); !got.is(2, 0, false) {
		t.Errorf("%+v", got)
	}
	call(t, "POST", base+"faults", `{"on":"api","status":418,"times":-1}`).want(t, 201, nil)
	call(t, "DELETE", base+"faults", "").want(t, 204, nil)
	if status := ask(t, fake, "employees"); status != 200 {
		t.Errorf("status %d after all were removed", status)
	}
	var all []injected
	if call(t, "GET", base+"faults", "").want(t, 200, &all); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	call(t, "GET", base+"faults/2/wait?timeout=61", "").wantProblem(t, 404, "id")
}

func TestObserver(t *testing.T) {
	fake, base := start(t)
	call(t, "POST", base+"observers", `{"on":"api","match":"/api/v1/Echo/ä","where":{"method":"GET","query":{"a":"b"}}}`).want(t, 201, nil)
	call(t, "POST", base+"observers", `{"on":"token"}`).want(t, 201, nil)
	for _, path := range []string{"employees", "api/v1/Echo/%C3%A4?a=b", "api/v1/Echo/%C3%A4?a=c", "api/v1/Echo/%C3%A4"} {
		if status := ask(t, fake, path); status != 200 {
			t.Errorf("%s: status %d", path, status)
		}
	}
	var got injected
	if call(t, "GET", base+"observers/1/wait", "").want(t, 200, &got); !got.is(1, 1, true) {
		t.Errorf("%+v", got)
	}
	call(t, "GET", base+"observers/1/wait?timeout=61", "").wantProblem(t, 400, "timeout", "60")
	call(t, "DELETE", base+"faults", "").want(t, 204, nil) // others
	var all []injected
	if call(t, "GET", base+"observers", "").want(t, 200, &all); len(all) != 2 || !all[0].is(1, 1, true) || !all[1].is(2, 0, true) {
		t.Errorf("%+v", all)
	}
	call(t, "DELETE", base+"observers/1", "").want(t, 204, nil)
	ask(t, fake, "api/v1/Echo/%C3%A4?a=b")
	if call(t, "GET", base+"observers/1", "").want(t, 200, &got); !got.is(1, 1, false) {
		t.Errorf("%+v after it was removed", got)
	}
	call(t, "DELETE", base+"observers", "").want(t, 204, nil)
	call(t, "GET", base+"observers/2", "").wantProblem(t, 404, "id")
}

// The list is bounded: what can strike no more is forgotten first.
func TestManyFaults(t *testing.T) {
	fake, base := start(t)
	call(t, "POST", base+"faults", `{"named":"api-500"}`).want(t, 201, nil)
	ask(t, fake, "employees")
	for i := range 1000 {
		if text, status, err := try("POST", base+"faults", `{"match":"/never"}`); status != 201 {
			t.Fatal(i, text, err)
		}
	}
	call(t, "GET", base+"faults/1", "").wantProblem(t, 404, "id")
	call(t, "POST", base+"faults", `{}`).wantProblem(t, 409, "1000")
	call(t, "DELETE", base+"faults/500", "").want(t, 204, nil)
	var got injected
	if call(t, "POST", base+"faults", `{}`).want(t, 201, &got); got.ID != 1002 {
		t.Errorf("%+v", got)
	}
}

// Those that wait are not many at a time.
func TestManyWait(t *testing.T) {
	_, base := start(t)
	call(t, "POST", base+"observers", `{}`).want(t, 201, nil)
	for range 64 {
		follow(t, base+"requests/follow")
	}
	for _, path := range []string{"requests/follow", "observers/1/wait"} {
		call(t, "GET", base+path, "").wantProblem(t, 429, fmt.Sprint(64))
	}
	call(t, "GET", base+"counts", "").want(t, 200, nil)
}
