package control_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestWithoutTheKeyNothingIsServed(t *testing.T) {
	_, base := start(t)
	root, key := base[:len(base)-27], base[len(base)-27:len(base)-1]
	for _, path := range []string{"", "counts", key[:25] + "/counts", key + "A/counts", strings.ToLower(key) + "/counts", "x/" + key + "/counts", "?key=" + key, "favicon.ico"} {
		got := call(t, "GET", root+path, "")
		got.wantProblem(t, 403, "ADVOWARE_SANDBOX_CONTROL")
		if strings.Contains(got.text, key) {
			t.Errorf("%s shows the key", got.text)
		}
	}
	if got := call(t, "GET", base[:len(base)-1], ""); got.status != 307 || got.header.Get("Location") != "/"+key+"/" {
		t.Errorf("without the slash: %d to %s", got.status, got.header.Get("Location"))
	}
	for _, slashes := range []string{"", "/"} {
		call(t, "GET", base+slashes+"counts", "").want(t, 200, nil)
	}
}

func TestOptionsOfTheServerNeedTheKey(t *testing.T) {
	_, base := start(t)
	host := strings.Split(base, "/")[2]
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "OPTIONS * HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host)
	if text, _ := io.ReadAll(conn); !strings.HasPrefix(string(text), "HTTP/1.1 403 ") {
		t.Errorf("%s", text)
	}
}

// A page of another site knows no key; that a browser sends its requests is refused too.
func TestPagesOfOthersAreNotServed(t *testing.T) {
	_, base := start(t)
	host := strings.Split(base, "/")[2]
	_, port, _ := strings.Cut(host, ":")
	for _, c := range []struct {
		path, name, value string
		status            int
	}{
		{"counts", "Host", "evil.example:" + port, 403},
		{"counts", "Host", "127.0.0.1.evil.example", 403},
		{"counts", "Host", "localhost.evil.example:" + port, 403},
		{"counts", "Host", "192.0.2.1:" + port, 403},
		{"counts", "Host", "localhost:" + port, 200},
		{"counts", "Host", "LOCALHOST", 200},
		{"counts", "Host", "[::1]:" + port, 200},
		{"counts", "Host", "127.1.2.3:1", 200}, // a tunnel
		{"counts", "Origin", "http://evil.example", 403},
		{"counts", "Origin", "null", 403},
		{"counts", "Origin", "", 403},
		{"counts", "Origin", "http://127.0.0.1:1", 403},
		{"counts", "Origin", "https://" + host, 403},
		{"counts", "Origin", "http://" + host, 200},
		{"counts", "Sec-Fetch-Site", "cross-site", 403},
		{"counts", "Sec-Fetch-Site", "same-site", 403},
		{"counts", "Sec-Fetch-Site", "same-origin", 200},
		{"counts", "Sec-Fetch-Site", "none", 200},
		{"", "Sec-Fetch-Site", "cross-site", 200}, // a link to the page, which has the key
	} {
		if got := call(t, "GET", base+c.path, "", c.name, c.value); got.status != c.status {
			t.Errorf("%s: %q: status %d, %s; want %d", c.name, c.value, got.status, got.text, c.status)
		}
	}
	got := call(t, "GET", base, "")
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": ""} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q; want %q", name, got.header.Get(name), want)
		}
	}
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
}
