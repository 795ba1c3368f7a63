package main_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// documents is an API with answers of several kinds.
func documents(t *testing.T) (vars []string) {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write(pdf)
		case "/html":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Anmeldung")
		case "/cut":
			w.Header().Set("Content-Length", "100000")
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write(pdf)
		case "/unnamed":
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = io.WriteString(w, `{"a":1}`)
		case "/latin1":
			w.Header().Set("Content-Type", "application/json; charset=iso-8859-1")
			_, _ = io.WriteString(w, "\"Gr\xf6\xdfe\"")
		case "/large":
			_, _ = io.WriteString(w, `["`)
			for range 100 { // more than is held
				_, _ = io.WriteString(w, strings.Repeat("ä", 100_000))
			}
			_, _ = io.WriteString(w, `"`+r.URL.Query().Get("end"))
		default:
			w.Header().Set("X-Echo", r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message":"nichts da"}`)
		}
	}))
	t.Cleanup(api.Close)
	fake := clienttest.Start(t, clienttest.Options{})
	return append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL)
}

var pdf = []byte("%PDF-1.7\n\xe2\xe3\xcf\xd3\r\n\x00\x1b[2J")

func TestBinaryAnswers(t *testing.T) {
	vars := documents(t)
	got := run(t, vars, "call", "GET", "/pdf", "--store", "memory")
	got.wantQuiet(t)
	if got.out != string(pdf) {
		t.Errorf("%q in a pipe", got.out)
	}
	got = run(t, vars, "call", "GET", "/unnamed", "--store", "memory")
	got.wantQuiet(t)
	if got.out != "{\"a\":1}\n" {
		t.Errorf("JSON that is not named so: %q", got.out)
	}
	run(t, vars, "call", "GET", "/html", "--store", "memory").wantFailure(t, 1, "not JSON", "text/html", "--raw")
	got = run(t, vars, "call", "GET", "/html", "--store", "memory", "--raw")
	got.wantQuiet(t)
	if got.out != "<html>Anmeldung" {
		t.Errorf("--raw: %q", got.out)
	}
	for _, args := range [][]string{nil, {"--repeat", "2"}} {
		got = run(t, vars, append([]string{"call", "GET", "/latin1", "--store", "memory"}, args...)...)
		got.wantQuiet(t)
		if got.out != "\"Größe\"\n" {
			t.Errorf("ISO 8859-1: %q", got.out)
		}
	}
}

func TestOutputFile(t *testing.T) {
	vars, dir := documents(t), t.TempDir()
	name := filepath.Join(dir, "akte.pdf")
	get := func(path string, more ...string) outcome {
		return run(t, vars, append([]string{"call", "GET", path, "--store", "memory", "-o", name}, more...)...)
	}
	kept := func(want []byte) {
		t.Helper()
		if text, err := os.ReadFile(name); err != nil || !bytes.Equal(text, want) {
			t.Errorf("the file has %.50q, %v; want %.50q", text, err, want)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%d files", len(entries))
		}
	}
	got := get("/pdf")
	got.wantQuiet(t)
	if got.out != "" {
		t.Errorf("stdout %q", got.out)
	}
	kept(pdf)
	for _, path := range []string{"/cut", "/nowhere", "/html"} {
		get(path).wantFailure(t, 1)
		kept(pdf)
	}
	got = get("/unnamed", "--pretty", "-i")
	if got.status != 0 || !strings.HasPrefix(got.out, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got.out, "\r\n\r\n") {
		t.Errorf("%d, %q", got.status, got.out)
	}
	kept([]byte("{\n  \"a\": 1\n}\n"))
	got = run(t, vars, "call", "GET", "/pdf", "--store", "memory", "-o", "-")
	got.wantQuiet(t)
	if got.out != string(pdf) {
		t.Errorf("-o -: %q", got.out)
	}
	if runtime.GOOS == "linux" { // what was written to the file before stays
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		_, _ = log.WriteString("before\n")
		cmd := command(t.Context(), vars, "call", "GET", "/unnamed", "--store", "memory", "-o", "/dev/stdout")
		cmd.Stdout = log
		if err := cmd.Run(); err != nil {
			t.Error(err)
		}
		if text, _ := os.ReadFile(log.Name()); string(text) != "before\n{\"a\":1}\n" {
			t.Errorf("-o /dev/stdout: %q", text)
		}
	}
	// A name that cannot be written is found before anything is sent.
	fake := clienttest.Start(t, clienttest.Options{})
	for _, bad := range []string{"", dir, filepath.Join(dir, "no", "folder")} {
		run(t, fake.Env(), "call", "POST", "/appointments", "-d", "{}", "--store", "memory", "-o", bad).wantFailure(t, 2, "--output")
	}
	if n := fake.Counts().APICalls + fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Larger than what is held in memory, whole or not.
func TestLargeAnswers(t *testing.T) {
	vars, name := documents(t), filepath.Join(t.TempDir(), "f")
	const size = 2*100*100_000 + len(`[""]`) + len("\n")
	got := run(t, vars, "call", "GET", "/large", "-q", "end=]", "--store", "memory")
	got.wantQuiet(t)
	if len(got.out) != size {
		t.Errorf("%d bytes", len(got.out))
	}
	got = run(t, vars, "call", "GET", "/large", "-q", "end=}", "--store", "memory", "-o", name)
	got.wantFailure(t, 1, "not JSON", fmt.Sprint(size-1), "does not belong there")
	if _, err := os.Stat(name); err == nil {
		t.Error("a broken answer is kept")
	}
	run(t, vars, "call", "GET", "/large", "-q", "end=]", "--store", "memory", "-o", name).wantQuiet(t)
}

func TestInclude(t *testing.T) {
	vars := documents(t)
	got := run(t, vars, "call", "GET", "/unnamed", "--store", "memory", "-i")
	got.wantQuiet(t)
	head, body, _ := strings.Cut(got.out, "\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "\r\nContent-Type: application/octet-stream\r\n") || body != "{\"a\":1}\n" {
		t.Errorf("%q", got.out)
	}
	got = run(t, vars, "call", "GET", "/nowhere", "--store", "memory", "-i")
	head, body, _ = strings.Cut(got.out, "\r\n\r\n")
	if got.status != 1 || !strings.Contains(head, "404 Not Found\r\n") || body != "{\"message\":\"nichts da\"}\n" || !strings.Contains(got.err, "API status 404") {
		t.Errorf("%d, %q, %q", got.status, got.out, got.err)
	}
	if !strings.Contains(head, "X-Echo: Bearer [redacted]") {
		t.Errorf("the token that the server repeats: %q", head)
	}
	run(t, vars, "call", "GET", "/x", "--raw", "--pretty").wantFailure(t, 2, "--raw", "--pretty")
}
