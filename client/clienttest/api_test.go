package clienttest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestBearer(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for name, header := range map[string][]string{
		"none":      nil,
		"empty":     {"Authorization: "},
		"no bearer": {"Authorization: " + token},
		"basic":     {"Authorization: Basic " + token},
		"unknown":   {"Authorization: Bearer " + token + "x"},
		"two":       {"Authorization: Bearer " + token, "Authorization: Bearer " + token},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/employees", "/nowhere"} {
				r := send(t, s, "GET", path, "", header...)
				r.blames(t, 401, "Authorization")
				if got := r.Header.Get("WWW-Authenticate"); got != "Bearer" {
					t.Errorf("WWW-Authenticate: %q", got)
				}
			}
		})
	}
	call(t, s, token, "GET", "/employees", "").wants(t, 200)
}

func TestRevoke(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	a, b := s.Issue(), fetch(t, s)
	if !s.Revoke(a) || s.Revoke(a) || s.Revoke("never issued") {
		t.Error("Revoke does not tell whether the token was valid")
	}
	call(t, s, a, "GET", "/employees", "").wants(t, 401)
	call(t, s, b, "GET", "/employees", "").wants(t, 200)
	s.RevokeAll()
	call(t, s, b, "GET", "/employees", "").wants(t, 401)
	call(t, s, fetch(t, s), "GET", "/employees", "").wants(t, 200)
}

func TestEveryAnswer(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Skew: 3 * time.Hour})
	token := s.Issue()
	seen := map[string]bool{}
	for _, r := range []reply{
		call(t, s, token, "GET", "/employees", ""),
		call(t, s, token, "HEAD", "/employees", ""),
		call(t, s, token, "GET", "/nowhere", ""),
		call(t, s, "", "GET", "/employees", ""),
		call(t, s, token, "DELETE", "/appointments/121", ""),
		askToken(t, s, "{}"),
	} {
		id := r.Header.Get("X-Request-Id")
		if id == "" || seen[id] {
			t.Errorf("%s: X-Request-Id %q", r.Request.URL, id)
		}
		seen[id] = true
		date, err := http.ParseTime(r.Header.Get("Date"))
		if ahead := time.Until(date); err != nil || ahead < 2*time.Hour || ahead > 4*time.Hour {
			t.Errorf("%s: Date %v ahead, %v", r.Request.URL, ahead, err)
		}
		if r.text != "" && (!json.Valid([]byte(r.text)) || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")) {
			t.Errorf("%s: no JSON: %s", r.Request.URL, r.text)
		}
	}
}

func TestLists(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for _, path := range []string{"/employees", "/api/v1/Akten"} {
		all := array(t, call(t, s, token, "GET", path, ""))
		if len(all) < 5 {
			t.Fatalf("%s: %d entries", path, len(all))
		}
		get := func(query string) []any {
			r := call(t, s, token, "GET", path+query, "")
			r.wants(t, 200)
			if r.Header.Get("X-Total-Count") == "" {
				t.Errorf("%s%s: no X-Total-Count", path, query)
			}
			return array(t, r)
		}
		for query, want := range map[string][]any{
			"":                     all,
			"?limit=2":             all[:2],
			"?offset=3":            all[3:],
			"?limit=2&offset=1":    all[1:3],
			"?limit=0":             {},
			"?offset=1000":         {},
			"?limit=1000":          all,
			"?limit=9&offset=9999": {},
		} {
			if diff := cmp.Diff(want, get(query)); diff != "" {
				t.Errorf("%s%s (-want +got):\n%s", path, query, diff)
			}
		}
		for _, query := range []string{"limit=-1", "limit=x", "offset=1.5", "offset="} {
			field, _, _ := strings.Cut(query, "=")
			call(t, s, token, "GET", path+"?"+query, "").blames(t, 400, field)
		}
		for _, entry := range all {
			one := call(t, s, token, "GET", path+"/"+number(entry), "")
			if diff := cmp.Diff(entry, any(one.json)); diff != "" {
				t.Errorf("%s/%s (-want +got):\n%s", path, number(entry), diff)
			}
		}
	}
	if r := call(t, s, token, "GET", "/employees/4", ""); r.json["vorname"] != "François" || r.json["nachname"] != "Groß" {
		t.Errorf("employee 4: %s", r.text)
	}
	if r := call(t, s, token, "GET", "/api/v1/Akten/103", ""); !strings.Contains(r.text, `"gegenstandswert":999.99,`) {
		t.Errorf("amount: %s", r.text)
	}
	other := clienttest.Start(t, clienttest.Options{})
	if a, b := call(t, s, token, "GET", "/employees", ""), call(t, other, other.Issue(), "GET", "/employees", ""); a.text != b.text {
		t.Error("two servers have different data")
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for _, path := range []string{"/", "/nowhere", "/employees/", "//employees", "/employees/0", "/employees/01",
		"/employees/x", "/employees/1/x", "/employees/..", "/api/v1/akten", "/api/v1/Akten/1", "/employees/{id}", "/appointments/{id}"} {
		call(t, s, token, "GET", path, "").wants(t, 404)
	}
	for path, allow := range map[string]string{
		"/employees":        "GET, HEAD",
		"/employees/1":      "GET, HEAD",
		"/api/v1/Akten":     "GET, HEAD, POST",
		"/api/v1/Akten/101": "GET, HEAD, PUT",
		"/appointments":     "GET, HEAD, POST",
		"/appointments/121": "DELETE, GET, HEAD, PATCH, PUT",
	} {
		r := call(t, s, token, "TRACE", path, "")
		r.wants(t, 405)
		if got := r.Header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow %q, want %q", path, got, allow)
		}
	}
}

func TestEcho(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		r := call(t, s, token, method, "/api/v1/Echo/a%2Fb//c?x=1&x=2&ä=ö", `{"text":"Grüße"}`)
		var got clienttest.Echo
		if err := json.Unmarshal([]byte(r.text), &got); err != nil {
			t.Fatalf("%v: %s", err, r.text)
		}
		if got.Header.Get("Content-Type") != "application/json" || got.Header["Authorization"] != nil || strings.Contains(r.text, token) {
			t.Errorf("header: %v", got.Header)
		}
		got.Header = nil
		want := clienttest.Echo{
			Method: method, Path: "/api/v1/Echo/a%2Fb//c", RawQuery: "x=1&x=2&ä=ö",
			Query: map[string][]string{"x": {"1", "2"}, "ä": {"ö"}},
			Host:  strings.TrimSuffix(strings.TrimPrefix(s.BaseURL(), "http://"), "/"),
			Body:  `{"text":"Grüße"}`, Length: 18,
			Identity: map[string]string{"AppID": "sandbox-app", "Product": "64", "Kanzlei": "sandbox-kanzlei",
				"Database": "SANDBOX-DATABASE", "User": "sandbox-user", "Role": "2"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
}

func array(t *testing.T, r reply) []any {
	t.Helper()
	var list []any
	if err := json.Unmarshal([]byte(r.text), &list); err != nil || list == nil {
		t.Fatalf("no array (%v): %s", err, r.text)
	}
	return list
}

// number returns the id of an entry as it stands in a path.
func number(entry any) string {
	text, _ := json.Marshal(entry.(map[string]any)["id"])
	return string(text)
}
