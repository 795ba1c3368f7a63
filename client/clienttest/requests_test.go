package clienttest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/google/go-cmp/cmp"
)

func TestRequests(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	r := call(t, s, token, "POST", "/api/v1/Echo/a%2Fb?x=1", strings.Repeat("x", 70_000))
	got := s.RawRequests()
	if len(got) != 1 {
		t.Fatalf("%d requests", len(got))
	}
	q := got[0]
	if q.ID != r.Header.Get("X-Request-Id") || q.Method != "POST" || q.Path != "/api/v1/Echo/a%2Fb" ||
		q.Query.Get("x") != "1" || q.Header.Get("Authorization") != "Bearer "+token || len(q.Body) != 64<<10 || q.Time.IsZero() {
		q.Body = nil
		t.Errorf("%+v", q)
	}
	for range clienttest.RequestsKept + 5 {
		r = call(t, s, "", "GET", "/x", "")
	}
	got = s.Requests()
	if len(got) != clienttest.RequestsKept || got[len(got)-1].ID != r.Header.Get("X-Request-Id") || got[0].Path != "/x" {
		t.Errorf("%d requests from %s to %s", len(got), got[0].ID, got[len(got)-1].ID)
	}
	if !slices.IsSortedFunc(got, func(a, b clienttest.Request) int { return a.Time.Compare(b.Time) }) {
		t.Error("not in order")
	}
}

// What a test prints of the log, or a page shows, has no secret in it.
func TestRequestsHaveNoSecrets(t *testing.T) {
	const password = "ge\"heim 4711"
	s := clienttest.Start(t, clienttest.Options{Password: password})
	body := credentials(sandbox(s), time.Now())
	r := askToken(t, s, toJSON(body))
	token := r.json["access_token"].(string)
	askToken(t, s, `{"Password":"geheim`)
	call(t, s, token, "POST", "/api/v1/Echo/"+token+"?Password=geheim&x="+token, `{"a":[{"password":"geheim"}],"b":"`+token+`"}`)
	send(t, s, "GET", "/employees", "", "Authorization: Basic geheim", "Cookie: geheim", "Proxy-Authorization: geheim")
	send(t, s, "POST", "/api/v1/Echo", "password=geheim&a=b", "Content-Type: application/x-www-form-urlencoded")
	all := s.Requests()
	if len(all) != 5 {
		t.Fatalf("%d requests", len(all))
	}
	for _, q := range all {
		text := fmt.Sprintf("%+v %s", q, q.Body)
		for _, secret := range []string{"heim", "4711", token, token[40:80], body["HMAC512Signature"].(string)} {
			if strings.Contains(text, secret) {
				q.Body = nil
				t.Errorf("%q is in %+v", secret, q)
			}
		}
	}
	if got := string(all[0].Body); !strings.Contains(got, `"User":"sandbox-user"`) || !strings.Contains(got, `"Password":"[redacted]"`) {
		t.Error(got)
	}
	if got := all[2]; len(got.Token) != 8 || got.Header.Get("Authorization") != "Bearer [token "+got.Token+"]" {
		t.Errorf("%q, %q", got.Token, got.Header.Get("Authorization"))
	}
	if raw := s.RawRequests(); raw[2].Header.Get("Authorization") != "Bearer "+token || !strings.Contains(string(raw[1].Body), "geheim") {
		t.Error("RawRequests are redacted too")
	}
}

func TestRequestsSayWhatTheyWereFor(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Kanzlei: "Müller & Söhne"})
	token := fetch(t, s)
	discover(t, s, "Nord")
	call(t, s, token, "GET", "/employees", "")
	s.Revoke(token)
	call(t, s, token, "GET", "/employees", "")
	askToken(t, s, `{"Kanzlei":7}`)
	s.Inject(clienttest.Fault{On: clienttest.API, Status: 204})
	call(t, s, "", "GET", "/employees", "")
	type line struct {
		On      clienttest.Target
		Kanzlei string
		Status  int
	}
	var got []line
	for _, q := range s.Requests() {
		got = append(got, line{q.On, q.Kanzlei, q.Status})
		if host := strings.TrimSuffix(strings.TrimPrefix(s.BaseURL(), "http://"), "/"); q.Host != host || q.Addr != host {
			t.Errorf("%s at %s, want %s", q.Host, q.Addr, host)
		}
	}
	want := []line{
		{clienttest.TokenEndpoint, "Müller & Söhne", 200}, {clienttest.DiscoveryEndpoint, "Nord", 404},
		{clienttest.API, "Müller & Söhne", 200}, {clienttest.API, "", 401},
		{clienttest.TokenEndpoint, "", 400}, {clienttest.API, "", 204},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true, Latency: time.Second})
		token := s.Issue()
		call(t, s, token, "GET", "/employees", "")
		ctx, cancel := context.WithCancel(t.Context())
		var got, toTheEnd []string
		go func() {
			for q := range s.Follow(ctx) {
				got = append(got, fmt.Sprint(q.Path, " ", q.Status, " ", strings.Contains(fmt.Sprint(q.Header), token)))
			}
		}()
		go func() {
			for q := range s.Follow(t.Context()) {
				toTheEnd = append(toTheEnd, q.Path)
			}
		}()
		synctest.Wait()
		go call(t, s, token, "GET", "/api/v1/Echo", "")
		synctest.Wait() // it has arrived, and waits for its answer
		cancel()
		time.Sleep(time.Minute)
		call(t, s, token, "GET", "/unknown", "")
		s.Close()
		synctest.Wait()
		if want := []string{"/employees 200 false", "/api/v1/Echo 0 false"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if want := []string{"/employees", "/api/v1/Echo", "/unknown"}; !slices.Equal(toTheEnd, want) {
			t.Errorf("%q", toTheEnd)
		}
	})
}
