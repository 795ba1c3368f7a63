package control_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

type logged struct {
	ID, Time, On, Kanzlei, Token, Method, Host, Addr, Path, Body string
	Query, Header                                                map[string][]string
	Status                                                       int
}

// follow follows the log, and returns the requests as they come.
func follow(t *testing.T, url string, header ...string) <-chan logged {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("%s, %s", resp.Status, kind)
	}
	events := make(chan logged, 1000)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var l logged
				if err := json.Unmarshal([]byte(text), &l); err != nil {
					t.Errorf("%v: %s", err, text)
				}
				events <- l
			}
		}
	}()
	return events
}

func TestRequests(t *testing.T) {
	fake, base := start(t)
	for i := range 3 {
		ask(t, fake, fmt.Sprintf("api/v1/Echo/%d?a=b", i))
	}
	var got []logged
	call(t, "GET", base+"requests?last=2", "").want(t, 200, &got)
	if len(got) != 2 || got[0].Path != "/api/v1/Echo/1" || got[1].Path != "/api/v1/Echo/2" {
		t.Fatalf("%+v", got)
	}
	r := got[1]
	if r.ID == "" || r.On != "api" || r.Kanzlei != "sandbox-kanzlei" || len(r.Token) != 8 || r.Method != "GET" || r.Status != 200 ||
		r.Query["a"][0] != "b" || !strings.Contains(r.Header["Authorization"][0], r.Token) {
		t.Errorf("%+v", r)
	}
	if call(t, "GET", base+"requests?last=0", "").want(t, 200, &got); len(got) != 0 {
		t.Errorf("%d of none", len(got))
	}
}

func TestFollow(t *testing.T) {
	fake, base := start(t)
	for i := range 5 {
		ask(t, fake, fmt.Sprintf("api/v1/Echo/%d", i))
	}
	var all []logged
	call(t, "GET", base+"requests", "").want(t, 200, &all)
	new, two, resumed, unknown := follow(t, base+"requests/follow"), follow(t, base+"requests/follow?last=2"),
		follow(t, base+"requests/follow", "Last-Event-ID", all[1].ID), follow(t, base+"requests/follow?last=9", "Last-Event-ID", "none")
	ask(t, fake, "api/v1/Echo/5")
	for _, c := range []struct {
		events <-chan logged
		from   int
	}{{new, 5}, {two, 3}, {resumed, 2}, {unknown, 0}} {
		for i := c.from; i <= 5; i++ {
			if got := <-c.events; got.Path != fmt.Sprintf("/api/v1/Echo/%d", i) {
				t.Errorf("got %s, want %d of those from %d on", got.Path, i, c.from)
			}
		}
	}
}

// Who follows and does not read keeps nobody up: not the fake, not others, not Close.
func TestFollowerThatDoesNotRead(t *testing.T) {
	fake, base, stop := startUntil(t)
	conn, err := net.Dial("tcp", strings.Split(base, "/")[2])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %srequests/follow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", strings.TrimPrefix(base, "http://"+strings.Split(base, "/")[2]))
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatal(line, err)
	}
	for range 300 { // more than a connection holds
		req, _ := http.NewRequest("POST", fake.BaseURL()+"api/v1/Echo", strings.NewReader(strings.Repeat("x", 60<<10)))
		resp, err := fake.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	call(t, "GET", base+"counts", "").want(t, 200, nil)
	stop()
}

// Passwords, signatures and tokens are in no part of the log.
func TestRequestsShowNoSecret(t *testing.T) {
	fake, base := start(t)
	events := follow(t, base+"requests/follow")
	token := fake.Issue()
	req, _ := http.NewRequest("POST", fake.TokenURL()+"?access_token="+token, strings.NewReader(`{"Password":"geheim-geheim"}`))
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := fake.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	text := call(t, "GET", base+"requests", "").text + fmt.Sprint(<-events)
	if strings.Contains(text, "geheim-geheim") || strings.Contains(text, token) || !strings.Contains(text, "[redacted]") {
		t.Error(text)
	}
}
