package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What a server gets in its request line and in its header, by the proxy.
func seen(t *testing.T, o options) (*rig, chan *http.Request) {
	requests := make(chan *http.Request, 64)
	return start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		requests <- r
	}), o), requests
}

// Paths and queries go through byte for byte.
func TestRequestLine(t *testing.T) {
	r, requests := seen(t, options{})
	host := strings.TrimPrefix(r.url, "http://")
	for _, target := range []string{
		"/", "/employees", "/employees?", "/a?b=c&d=%zz&e=f;g&&=&h", "/a%2Fb", "/a%2fb%20c", "//a//b", "/a/../b", "/a/./b/..", "/%2e%2e/b",
		"/M%C3%BCller/Akten", "/a;b=c,d", "/a:b@c", "/a+b", "/a%25b", "/a[1]", "/a(b)'*!~$&=", "/a?x=M%c3%bcller+y", "/a?x=\xc3\xbc", "/a?{\"x\"|}",
		"/a??b", "/%00", "/%C3", "/a?x=%", "/a/?", "/advoware/proxy2?endpoint=/x", "/advoware/proxy/?endpoint=/x",
	} {
		conn := r.raw(t, "GET "+target+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %v, %v", target, resp, err)
			continue
		}
		if got := (<-requests).RequestURI; got != target {
			t.Errorf("%q arrives as %q", target, got)
		}
	}
	// Bytes that have no place in a request line are escaped; a client may name the proxy in it.
	for target, want := range map[string]string{"/\xc3\xbc": "/%C3%BC", "http://" + host + "/x%2Fy?z": "/x%2Fy?z"} {
		_, _ = http.ReadResponse(bufio.NewReader(r.raw(t, "GET "+target+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")), nil)
		if got := (<-requests).RequestURI; got != want {
			t.Errorf("%q arrives as %q, want %q", target, got, want)
		}
	}
}

// What is of the caller's way to the proxy does not go on, in whatever spelling it is written.
func TestHeadersOfARequest(t *testing.T) {
	r, requests := seen(t, options{})
	host := strings.TrimPrefix(r.url, "http://")
	conn := r.raw(t, "POST /x HTTP/1.1\r\nHost: "+host+"\r\naUtHoRiZaTiOn: Bearer mine\r\nAuthorization: Basic bWluZQ==\r\nProxy-Authorization: Basic bWluZQ==\r\n"+
		"advoware-proxy-key: mine\r\nConnection: close, X-Named, keep-alive\r\nX-Named: 1\r\nKeep-Alive: 5\r\nProxy-Connection: close\r\nTE: trailers, deflate\r\n"+
		"X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Host: inside\r\nX-Forwarded-Proto: http\r\nForwarded: for=10.1.2.3\r\n"+
		"x-forwarded-prefix: /admin\r\nX-Forwarded-Path: /admin\r\nX-Forwarded-Port: 1\r\nX_Forwarded_Prefix: /admin\r\nX-Real-IP: 10.1.2.3\r\nx_real_ip: 10.1.2.3\r\nTrue-Client-IP: 10.1.2.3\r\nX-Original-Host: admin\r\n"+
		"X-Twice: 1\r\nX-Twice: 2\r\nX-Empty:\r\nCookie: a=b\r\nx-lower: M\xc3\xbcller\r\nContent-Length: 2\r\n\r\n{}")
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	got := <-requests
	if auth := got.Header.Values("Authorization"); len(auth) != 1 || !strings.HasPrefix(auth[0], "Bearer ") || strings.Contains(auth[0], "mine") {
		t.Errorf("Authorization: %q", auth)
	}
	for _, name := range []string{"Proxy-Authorization", "Advoware-Proxy-Key", "X-Named", "Keep-Alive", "Proxy-Connection", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Port", "X_forwarded_prefix", "X_Forwarded_Prefix", "X-Real-Ip", "X_real_ip", "True-Client-Ip", "X-Original-Host", "Forwarded", "Connection", "Accept-Encoding", "User-Agent", "Via"} {
		if values, ok := got.Header[name]; ok {
			t.Errorf("%s: %q goes up", name, values)
		}
	}
	if want := []string{"1", "2"}; !slices.Equal(got.Header["X-Twice"], want) || got.Header.Get("Te") != "trailers" || got.Header["X-Empty"] == nil || got.Header.Get("Cookie") != "a=b" || got.Header.Get("X-Lower") != "Müller" {
		t.Errorf("%v", got.Header)
	}
	if want := strings.TrimPrefix(r.office.URL, "http://"); got.Host != want || got.ContentLength != 2 {
		t.Errorf("Host %q, want %q; length %d", got.Host, want, got.ContentLength)
	}
}

// An answer comes as it is: no header is added but Date, none is lost but those of the connection.
func TestHeadersOfAnAnswer(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Content-Type"] = nil
		h.Set("Advoware-Proxy-Error", "timeout") // only the proxy may say so
		h.Set("Connection", "X-Named")
		h.Set("X-Named", "1")
		h.Set("Keep-Alive", "timeout=5")
		h.Set("Etag", `"1"`)
		h.Add("Set-Cookie", "a=b")
		h.Add("Set-Cookie", "c=d")
		w.WriteHeader(207)
		_, _ = io.WriteString(w, "<html>this would be taken for a page")
	}), options{})
	got := r.do(t, "GET", "/x", "")
	if got.StatusCode != 207 || got.body != "<html>this would be taken for a page" || !slices.Equal(got.Header["Set-Cookie"], []string{"a=b", "c=d"}) || got.Header.Get("Etag") != `"1"` {
		t.Errorf("%s %q %v", got.Status, got.body, got.Header)
	}
	for _, name := range []string{"Content-Type", "Advoware-Proxy-Error", "X-Named", "Keep-Alive", "Via"} {
		if values, ok := got.Header[name]; ok {
			t.Errorf("%s: %q", name, values)
		}
	}
}

// Every status and method, and answers without a body.
func TestStatusesAndMethods(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("status"), &status)
		w.Header().Set("X-Method", r.Method)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		if status != 204 && status != 304 {
			_, _ = io.WriteString(w, "body")
		}
	}), options{})
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get"} {
		for _, status := range []int{200, 201, 204, 299, 304, 400, 403, 404, 409, 418, 429, 500, 503, 599} {
			got := r.do(t, method, fmt.Sprintf("/x?status=%d", status), "")
			want := "body"
			if method == "HEAD" || status == 204 || status == 304 {
				want = ""
			}
			if got.StatusCode != status || got.Header.Get("X-Method") != method || got.body != want {
				t.Errorf("%s, %d: %s %q %v", method, status, got.Status, got.body, got.Header)
			}
		}
	}
}

// Nobody but the two that agreed on it unpacks anything, or asks for it.
func TestCompressionIsLeftAlone(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, strings.Repeat("Müller ", 1000))
	_ = z.Close()
	accepts := make(chan []string, 1)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepts <- r.Header["Accept-Encoding"]
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write(packed.Bytes())
	}), options{})
	for _, accept := range [][]string{nil, {"gzip"}, {"br;q=1.0, gzip;q=0.5"}, {"identity"}} {
		var header []string
		for _, value := range accept {
			header = append(header, "Accept-Encoding", value)
		}
		got := r.do(t, "GET", "/x", "", header...)
		if asked := <-accepts; !slices.Equal(asked, accept) {
			t.Errorf("the office is asked for %q, the proxy was for %q", asked, accept)
		}
		if got.body != packed.String() || got.Header.Get("Content-Encoding") != "gzip" || got.ContentLength != int64(packed.Len()) {
			t.Errorf("%q: %v, %d bytes of %d", accept, got.Header, len(got.body), packed.Len())
		}
	}
}

// Trailers go through both ways.
func TestTrailers(t *testing.T) {
	up := make(chan http.Header, 1)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		up <- r.Trailer
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, "body")
		w.Header().Set("X-Sum", "down")
		w.Header().Set(http.TrailerPrefix+"X-Late", "too")
	}), options{})
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/x", struct{ io.Reader }{strings.NewReader("body")})
	if err != nil {
		t.Fatal(err)
	}
	req.Trailer = http.Header{"X-Sum": {"up"}}
	got := send(t, req)
	if trailer := <-up; trailer.Get("X-Sum") != "up" || got.Trailer.Get("X-Sum") != "down" || got.Trailer.Get("X-Late") != "too" {
		t.Errorf("up %v, down %v", trailer, got.Trailer)
	}
}

// Answers that come before the answer go through, and so does the wait for one.
func TestInterimAnswers(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		if r.URL.Path == "/refuse" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}), options{})
	for path, want := range map[string]int{"/take": 200, "/refuse": 413} {
		var interim []string
		trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			interim = append(interim, fmt.Sprint(code, h["Link"]))
			return nil
		}, Got100Continue: func() { interim = append(interim, "continue") }}
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "PUT", r.url+path, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Expect", "100-continue")
		got := send(t, req)
		if got.StatusCode != want || !slices.Contains(interim, "103 [</a.css>]") || got.Header.Get("Link") != "" {
			t.Errorf("%s: %s %v, %q", path, got.Status, got.Header, interim)
		}
		if continued := slices.Contains(interim, "continue"); continued != (want == 200) {
			t.Errorf("%s: 100 Continue: %v", path, continued)
		}
	}
}

// What arrives is passed on at once, and an upload is not waited for.
func TestStreams(t *testing.T) {
	up, next := make(chan string), make(chan bool)
	for _, length := range []string{"", "8"} {
		r := start(t, pieces(up, next, length), options{})
		streams(t, r, up, next)
	}
}

// pieces is an office that answers in two pieces.
func pieces(up chan string, next chan bool, length string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := make([]byte, 6)
		_, _ = io.ReadFull(r.Body, line)
		up <- string(line)
		_, _ = io.Copy(io.Discard, r.Body)
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		for _, piece := range []string{"one\n", "two\n"} {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
			<-next
		}
	})
}

func streams(t *testing.T, r *rig, up chan string, next chan bool) {
	t.Helper()
	body, feed := io.Pipe()
	go func() { _, _ = io.WriteString(feed, "first\n"); <-next; _ = feed.Close() }()
	done := make(chan *http.Response, 1)
	go func() {
		resp, err := plain.Post(r.url+"/x", "text/plain", body)
		if err != nil {
			t.Error(err)
		}
		done <- resp
	}()
	if got := <-up; got != "first\n" { // before the body is at its end
		t.Errorf("%q", got)
	}
	next <- true
	resp := <-done
	lines := bufio.NewReader(resp.Body)
	for _, want := range []string{"one\n", "two\n"} {
		if line, err := lines.ReadString('\n'); err != nil || line != want {
			t.Errorf("%q, %v", line, err)
		}
		next <- true
	}
	_ = resp.Body.Close()
}

// sum reads all of a body, and says what it was.
func sum(r io.Reader) string {
	h := crc32.NewIEEE()
	n, err := io.Copy(h, r)
	return fmt.Sprintf("%d %x %v", n, h.Sum32(), err)
}

// endless is bytes that are not all alike.
type endless struct{ n int }

var pattern = bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz,äöü\n"), 2000)

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, pattern[e.n%len(pattern):])
	e.n += n
	return n, nil
}

// 100 MB go up and down at once, in memory that does not grow with them.
func TestLargeBodies(t *testing.T) {
	const size = 100 << 20
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PUT" {
			_, _ = io.WriteString(w, sum(r.Body))
			return
		}
		_, _ = io.CopyN(w, new(endless), size)
	}), options{})
	want := sum(io.LimitReader(new(endless), size))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	req, _ := http.NewRequestWithContext(t.Context(), "PUT", r.url+"/x", io.LimitReader(new(endless), size))
	if got := send(t, req); got.body != want {
		t.Errorf("up: %s, want %s", got.body, want)
	}
	resp, err := plain.Get(r.url + "/x")
	if err != nil {
		t.Fatal(err)
	}
	if got := sum(resp.Body); got != want {
		t.Errorf("down: %s, want %s", got, want)
	}
	_ = resp.Body.Close()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 { // of client, proxy and office together
		t.Errorf("%d MB allocated", n>>20)
	}
}

// An answer that breaks off does so for the client too.
func TestAnswerThatBreaksOff(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}), options{})
	for range 2 {
		resp, err := plain.Get(r.url + "/x")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(resp.Body); err == nil || string(text) != "half" {
			t.Errorf("%q, %v: want an error", text, err)
		}
		_ = resp.Body.Close()
	}
}

// The office notices that a client has left.
func TestClientThatLeaves(t *testing.T) {
	arrived, left := make(chan bool), make(chan bool)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-r.Context().Done()
		left <- true
	}), options{})
	conn := r.raw(t, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-arrived
	_ = conn.(*net.TCPConn).Close()
	<-left
}
