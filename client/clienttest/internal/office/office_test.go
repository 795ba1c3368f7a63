package office_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

// began is a winter's day in Berlin, 09:30 there.
var began = time.Date(2026, 2, 10, 8, 30, 0, 0, time.UTC)

const advonet = "/api/v1/advonet"

func open(t *testing.T, opts office.Options) *office.Office {
	t.Helper()
	if opts.Now == nil {
		opts.Now = func() time.Time { return began }
	}
	return office.New(opts)
}

type reply struct {
	status int
	header http.Header
	text   string
}

// ask asks an office as the front of the fake does.
func ask(t testing.TB, o *office.Office, method, target, body string) reply {
	t.Helper()
	a := o.Answer(httptest.NewRequest(method, target, nil), []byte(body))
	text := a.Body
	if a.Stream != nil {
		var all bytes.Buffer
		if err := a.Stream(&all); err != nil {
			t.Fatal(err)
		}
		text = all.Bytes()
	}
	if len(text) > 0 && !json.Valid(text) {
		t.Errorf("%s %s: no JSON: %s", method, target, text)
	}
	return reply{a.Status, a.Header, string(text)}
}

// decode asks, wants a status, and decodes the answer.
func decode[T any](t testing.TB, o *office.Office, status int, method, target, body string) T {
	t.Helper()
	r := ask(t, o, method, target, body)
	var v T
	if r.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, target, r.status, status, r.text)
	}
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		t.Fatalf("%s %s: %v: %s", method, target, err, r.text)
	}
	return v
}

type object = map[string]any

func TestPathsAndMethods(t *testing.T) {
	o := open(t, office.Options{})
	for path, allow := range map[string]string{
		"/employees":                                         "GET, HEAD",
		"/appointments/121":                                  "DELETE, GET, HEAD, PATCH, PUT",
		"/api/v1/Akten":                                      "GET, HEAD, POST",
		"/api/v1/Akten/101":                                  "GET, HEAD, PUT",
		"/api/v1/NewActivities":                              "GET, HEAD, POST",
		"/api/v1/Wiedervorlagen":                             "GET, HEAD, POST",
		"/api/v1/File":                                       "GET, HEAD, POST",
		"/api/v1/Rechnungen":                                 "GET, HEAD, POST, PUT",
		"/api/v1/Rechnungen/80001":                           "GET, HEAD",
		advonet + "/TermineActiveSync":                       "DELETE, GET, HEAD, POST, PUT",
		advonet + "/TodosActiveSync":                         "DELETE, GET, HEAD, POST, PUT",
		advonet + "/Beteiligte":                              "GET, HEAD, POST",
		advonet + "/Beteiligte/20001":                        "GET, HEAD, PUT",
		advonet + "/Beteiligte/20001/Kommunikationen":        "DELETE, POST",
		advonet + "/Beteiligte/20001/Kommunikationen/200011": "DELETE, PUT",
		advonet + "/Beteiligte/20001/Bankverbindungen":       "POST",
		advonet + "/Akten/101":                               "GET, HEAD",
		advonet + "/Akten/101/History":                       "GET, HEAD, POST",
	} {
		r := ask(t, o, "TRACE", path, "")
		if got := r.header.Get("Allow"); r.status != 405 || got != allow {
			t.Errorf("%s: %d, Allow %q, want 405 and %q", path, r.status, got, allow)
		}
		if strings.Contains(allow, "GET") {
			if r := ask(t, o, "GET", path, ""); r.status != 200 {
				t.Errorf("GET %s: %d %s", path, r.status, r.text)
			}
		}
	}
	for _, path := range []string{"/", "/x", "/employees/", "//employees", "/employees/{}", "/api/v1/akten", "/api/v1/Akten/0101",
		"/api/v1/Akten/-1", "/api/v1/Akten/x", "/api/v1/File/1", "/api/v1/Rechnungen/1", advonet, advonet + "/Akten",
		advonet + "/Akten/1", advonet + "/Akten/1/History", advonet + "/Beteiligte/1", advonet + "/Beteiligte/20001/", advonet + "/TermineActiveSync/5001"} {
		got := decode[object](t, o, 404, "GET", path, "")
		if got["status"] != 404.0 || got["message"] == "" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestBodiesThatAreNoObject(t *testing.T) {
	o := open(t, office.Options{})
	for _, do := range []string{"POST /appointments", "POST /api/v1/Akten", "PUT /api/v1/Akten/101", "POST /api/v1/File", "PUT /api/v1/Rechnungen",
		"POST " + advonet + "/TermineActiveSync", "PUT " + advonet + "/TodosActiveSync?frnr=2000001", "POST " + advonet + "/Beteiligte",
		"PUT " + advonet + "/Beteiligte/20001", "POST " + advonet + "/Beteiligte/20001/Kommunikationen", "POST " + advonet + "/Beteiligte/20001/Bankverbindungen",
		"PUT " + advonet + "/Beteiligte/20001/Kommunikationen/200011", "POST " + advonet + "/Akten/101/History"} {
		method, target, _ := strings.Cut(do, " ")
		for _, body := range []string{"", "null", "[]", "7", `"x"`, "{", `{"a":1}x`, strings.Repeat(`{"a":`, 20000)} {
			if r := ask(t, o, method, target, body); r.status != 400 {
				t.Errorf("%s with %.20q: %d %s", do, body, r.status, r.text)
			}
		}
	}
	got := decode[object](t, o, 400, "POST", advonet+"/TermineActiveSync", `{"Text":"geheim","Datum":"morgen"}`)
	if diff := cmp.Diff(object{"status": 400.0, "field": "Datum", "message": "Das Feld Datum hat den falschen Typ."}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r := ask(t, o, "POST", advonet+"/TermineActiveSync", "\xef\xbb\xbf"+` {"text":"x"} `); r.status != 200 {
		t.Errorf("a byte order mark: %d %s", r.status, r.text)
	}
	large := `{"Text":"` + strings.Repeat("x", 1<<20) + `"}`
	if r := ask(t, o, "POST", advonet+"/TermineActiveSync", large); r.status != 413 {
		t.Errorf("a large body: %d", r.status)
	}
}

func TestSeedAndNameDecide(t *testing.T) {
	all := func(opts office.Options) string {
		o := open(t, opts)
		text := ""
		for _, path := range []string{"/TermineActiveSync", "/TodosActiveSync", "/Beteiligte"} {
			text += ask(t, o, "GET", advonet+path, "").text
		}
		return text
	}
	base := office.Options{Seed: 7, Name: "Müller & Söhne"}
	if once, again := all(base), all(base); once != again {
		t.Error("one seed has two results")
	}
	if all(base) == all(office.Options{Seed: 8, Name: base.Name}) || all(base) == all(office.Options{Seed: 7, Name: "müller & Söhne"}) {
		t.Error("seed or name makes no difference")
	}
	later := base
	later.Now = func() time.Time { return began.AddDate(0, 0, 7) }
	if all(base) == all(later) {
		t.Error("the clock makes no difference")
	}
}

func TestRowsOnDemand(t *testing.T) {
	for rows, want := range map[int]int{0: 40, -1: 0, 3: 3, 5000: 5000, 3_000_000: office.MaxRows} {
		o := open(t, office.Options{Rows: rows})
		a := o.Answer(httptest.NewRequest("GET", advonet+"/TodosActiveSync", nil), nil)
		if want > 5000 { // looked at, not through
			if a.Stream == nil {
				t.Error("a million rows are held in memory")
			}
			if r := ask(t, o, "GET", advonet+"/TodosActiveSync?frnr="+strconv.Itoa(2000000+want), ""); r.status != 200 {
				t.Errorf("the last of %d rows: %d", want, r.status)
			}
			if r := ask(t, o, "GET", advonet+"/TodosActiveSync?frnr="+strconv.Itoa(2000001+want), ""); r.status != 404 {
				t.Errorf("beyond %d rows: %d", want, r.status)
			}
			continue
		}
		if got := len(decode[[]object](t, o, 200, "GET", advonet+"/TodosActiveSync", "")); got != want {
			t.Errorf("Rows %d: %d", rows, got)
		}
		if streams := want > 500; streams != (a.Stream != nil) {
			t.Errorf("%d rows: stream %v", want, a.Stream != nil)
		}
	}
}

func TestStreamEndsWithItsReader(t *testing.T) {
	o := open(t, office.Options{Rows: office.MaxRows})
	a := o.Answer(httptest.NewRequest("GET", advonet+"/TermineActiveSync", nil), nil)
	w := &broken{left: 100 << 10}
	if err := a.Stream(w); err == nil || w.calls > 5 {
		t.Errorf("err %v after %d writes", err, w.calls)
	}
}

// broken is a connection that breaks after so many bytes.
type broken struct{ left, calls int }

func (b *broken) Write(p []byte) (int, error) {
	b.calls++
	if b.left -= len(p); b.left < 0 {
		return 0, http.ErrHandlerTimeout
	}
	return len(p), nil
}

func TestFullOffice(t *testing.T) {
	o := open(t, office.Options{})
	path := advonet + "/TermineActiveSync"
	last := 5001 + 40 - 1 + 10_000
	post, body := httptest.NewRequest("POST", path, nil), []byte(`{"Text":"x"}`)
	for range 9_999 {
		o.Answer(post, body)
	}
	if n := decode[int](t, o, 200, "POST", path, `{"Text":"x"}`); n != last {
		t.Fatalf("number %d", n)
	}
	full := func(method, target, body string) {
		t.Helper()
		if r := ask(t, o, method, target, body); r.status != 507 || !strings.Contains(r.text, "Testkanzlei") {
			t.Errorf("%s %s: %d %s", method, target, r.status, r.text)
		}
	}
	full("POST", path, `{}`)
	full("POST", "/appointments", `{"datum":"2026-02-10","text":"x"}`)
	full("PUT", path+"?frnr=5001", `{}`)
	full("DELETE", path+"?frnr=5001", ``)
	full("POST", advonet+"/Beteiligte/20001/Kommunikationen", `{}`)
	if r := ask(t, o, "PUT", path+"?frnr="+strconv.Itoa(last), `{"Text":"y"}`); r.status != 200 {
		t.Errorf("a row that was written: %d %s", r.status, r.text)
	}
	ask(t, o, "DELETE", path+"?frnr="+strconv.Itoa(last), "")
	if next := decode[int](t, o, 200, "POST", path, `{}`); next != last+1 {
		t.Errorf("number %d after %d", next, last)
	}
	full("POST", path, `{}`)
}

// A search without a match writes nothing, so that only the context says that the
// client has left: no more rows are looked at then.
func TestRowsEndWithTheirRequest(t *testing.T) {
	o := open(t, office.Options{Rows: 5000})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, target := range []string{advonet + "/TermineActiveSync", advonet + "/TodosActiveSync", "/api/v1/File", "/api/v1/Akten"} {
		a := o.Answer(httptest.NewRequestWithContext(ctx, "GET", target, nil), nil)
		cancel()
		var all bytes.Buffer
		if err := a.Stream(&all); err != nil || all.Len() > 10 {
			t.Errorf("%s: %d bytes for nobody, %v", target, all.Len(), err)
		}
	}
}
