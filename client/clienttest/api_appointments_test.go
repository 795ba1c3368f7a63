package clienttest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestAppointmentLife(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	path := ""
	do := func(method, body string, status int) map[string]any {
		t.Helper()
		r := call(t, s, token, method, path, body)
		r.wants(t, status)
		if status == 204 && (r.text != "" || r.ContentLength > 0) {
			t.Errorf("204 with %q", r.text)
		}
		if location := r.Header.Get("Location"); status == 201 {
			path = location
		}
		return r.json
	}
	want := func(got map[string]any, want map[string]any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}

	path = "/appointments"
	want(do("POST", `{"id":7,"datum":"2026-02-10","text":"Besprechung Müller","unbekannt":1}`, 201),
		map[string]any{"id": 125.0, "datum": "2026-02-10", "text": "Besprechung Müller"})
	if path != "/appointments/125" {
		t.Fatalf("Location %q", path)
	}
	changed := map[string]any{"id": 125.0, "datum": "2026-02-10", "text": "Verschoben", "uhrzeitVon": "09:00"}
	want(do("PUT", `{"text":"Verschoben","uhrzeitVon":"09:00","id":9}`, 200), changed)
	want(do("GET", "", 200), changed)
	changed["ort"] = "Café"
	want(do("PATCH", `{"ort":"Café"}`, 200), changed)
	want(do("GET", "", 200), changed)
	do("DELETE", "", 204)
	do("GET", "", 404)
	do("PUT", `{"text":"x"}`, 404)
	do("DELETE", "", 404)

	path = "/appointments/123" // the one of the vendor's example
	if got := do("PUT", `{"text":"Updated"}`, 200); got["text"] != "Updated" || got["datum"] != "2026-02-10" {
		t.Errorf("changed: %v", got)
	}
	// Numbers are not used twice.
	path = "/appointments"
	do("POST", `{"datum":"2026-02-10","text":"x"}`, 201)
	if path != "/appointments/126" {
		t.Errorf("Location %q", path)
	}
	// Each server has a calendar of its own.
	other := clienttest.Start(t, clienttest.Options{})
	call(t, other, other.Issue(), "GET", "/appointments/126", "").wants(t, 404)
}

func TestAppointmentBodies(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	before := call(t, s, token, "GET", "/appointments", "").text
	for body, field := range map[string]string{
		"":                                  "",
		"{":                                 "",
		"[]":                                "",
		"null":                              "",
		`"text"`:                            "",
		`{"text":"x"} {}`:                   "",
		`{"text":"x","datum":"10.2.2026"}`:  "datum",
		`{"text":"x","datum":"2026-02-30"}`: "datum",
		`{"text":7,"datum":"2026-02-10"}`:   "text",
		`{"text":"","datum":"2026-02-10"}`:  "text",
	} {
		call(t, s, token, "POST", "/appointments", body).blames(t, 400, field)
		call(t, s, token, "PUT", "/appointments/123", body).blames(t, 400, field)
		call(t, s, token, "PATCH", "/appointments/123", body).blames(t, 400, field)
	}
	call(t, s, token, "POST", "/appointments", `{"text":"x"}`).blames(t, 400, "datum")
	call(t, s, token, "POST", "/appointments", `{"datum":"2026-02-10"}`).blames(t, 400, "text")
	if after := call(t, s, token, "GET", "/appointments", "").text; after != before {
		t.Errorf("a refused body changed the calendar:\n%s\n%s", before, after)
	}
	call(t, s, token, "POST", "/appointments", strings.Repeat(" ", 16<<20)+"{}").wants(t, 413)
}

func TestAppointmentList(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for query, want := range map[string][]string{
		"":                                  {"121", "122", "123", "124"},
		"?from=2026-02-10":                  {"123", "124"},
		"?to=2026-02-10":                    {"121", "122", "123"},
		"?from=2026-02-10&to=2026-02-10":    {"123"},
		"?from=2026-02-11&to=2026-02-12":    {},
		"?from=2026-02-09&limit=1&offset=1": {"122"},
	} {
		got := []string{}
		for _, entry := range array(t, call(t, s, token, "GET", "/appointments"+query, "")) {
			got = append(got, number(entry))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	call(t, s, token, "GET", "/appointments?from=x", "").blames(t, 400, "from")
	call(t, s, token, "GET", "/appointments?to=10.02.2026", "").blames(t, 400, "to")
}
