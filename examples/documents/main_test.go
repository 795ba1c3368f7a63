package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

const documents = 12 // that the fake has

// pdf is a document of some size that is no text.
var pdf = append([]byte("%PDF-1.7\n\x00\xff"), bytes.Repeat([]byte{0xe2, 0x00, 0x0a}, 1<<16)...)

// serve makes the fake serve pdf as the content of all documents.
func serve(fake *clienttest.Server) {
	fake.Inject(clienttest.Fault{
		On: clienttest.API, Match: "/api/v1/Content/", Status: http.StatusOK, Body: string(pdf), Times: -1,
		Header: http.Header{"Content-Type": {"application/pdf"}},
	})
}

// files returns the documents that are in a folder, and what else there is but the lock.
func files(t *testing.T, dir string) (whole, other []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		switch {
		case err != nil:
			t.Error(err)
		case f.Name() == ".lock":
		case bytes.Equal(text, pdf) && !strings.HasPrefix(f.Name(), "."):
			whole = append(whole, f.Name())
		default:
			other = append(other, f.Name())
		}
	}
	return whole, other
}

func run1(t *testing.T, fake *clienttest.Server, dir string) exampletest.Result {
	t.Helper()
	return exampletest.Run(t, exampletest.Env(fake), "-dir", dir, "-path", "/api/v1/Content/{id}")
}

func TestCopiesOnce(t *testing.T) {
	fake, dir := clienttest.Start(t, clienttest.Options{Rows: documents}), filepath.Join(t.TempDir(), "backup")
	serve(fake)
	for _, want := range []string{"12 documents: 12 copied, 0 there already, 0 failed\n", "12 documents: 0 copied, 12 there already, 0 failed\n"} {
		if r := run1(t, fake, dir); r.Status != 0 || r.Stdout != want {
			t.Errorf("status %d: %q, want %q\n%s", r.Status, r.Stdout, want, r.Stderr)
		}
	}
	if whole, other := files(t, dir); len(whole) != documents || len(other) > 0 {
		t.Errorf("%d documents, and %q", len(whole), other)
	}
}

// Answers that break off, and some that are none, leave nothing behind but what is whole.
func TestWholeOrNotAtAll(t *testing.T) {
	fake, dir := clienttest.Start(t, clienttest.Options{Rows: documents}), t.TempDir()
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/Content/60003", Status: 200, Body: string(pdf), Cut: true})
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/Content/60004", Status: http.StatusInternalServerError})
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/Content/60005", Reset: true, Times: -1})
	serve(fake)
	if r := run1(t, fake, dir); r.Status != 1 || r.Stdout != "12 documents: 9 copied, 0 there already, 3 failed\n" {
		t.Errorf("status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
	if whole, other := files(t, dir); len(whole) != documents-3 || len(other) > 0 {
		t.Errorf("%d documents, and %q", len(whole), other)
	}
	fake.ClearFaults()
	serve(fake)
	if r := run1(t, fake, dir); r.Status != 0 || r.Stdout != "12 documents: 3 copied, 9 there already, 0 failed\n" {
		t.Errorf("again: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
}

// A process that is interrupted, or killed, is followed by one that copies the rest.
func TestResumes(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(s.String(), func(t *testing.T) {
			fake, dir := clienttest.Start(t, clienttest.Options{Rows: documents}), t.TempDir()
			hang := fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/Content/60008", Hang: true})
			serve(fake)
			p := exampletest.Start(t, exampletest.Env(fake), "-dir", dir, "-path", "/api/v1/Content/{id}", "-workers", "1")
			if err := hang.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if r := run1(t, fake, dir); r.Status != 1 || !strings.Contains(r.Stderr, "another process") {
				t.Errorf("two at once: status %d\n%s", r.Status, r.Stderr)
			}
			p.Signal(t, s)
			if r := p.Wait(t); r.Status == 0 {
				t.Errorf("status %d\n%s", r.Status, r.Stdout)
			}
			if r := run1(t, fake, dir); r.Status != 0 || r.Stdout != "12 documents: 5 copied, 7 there already, 0 failed\n" {
				t.Errorf("again: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
			}
			if whole, other := files(t, dir); len(whole) != documents || len(other) > 0 {
				t.Errorf("%d documents, and %q", len(whole), other)
			}
		})
	}
}

// An answer that names a document twice, or a path that is the same for all.
func TestSameFileIsNotWrittenTwice(t *testing.T) {
	fake, dir := clienttest.Start(t, clienttest.Options{}), t.TempDir()
	one := `{"id": 60001, "rowId": "ab", "dateiname": "a.pdf"}`
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/File", Status: 200, Body: "[" + strings.Repeat(one+",", 99) + one + "]"})
	serve(fake)
	if r := run1(t, fake, dir); r.Status != 0 || r.Stdout != "1 documents: 1 copied, 0 there already, 0 failed\n" {
		t.Errorf("status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
	if r := exampletest.Run(t, exampletest.Env(fake), "-dir", dir, "-path", "/api/v1/Content"); r.Status != 1 || !strings.Contains(r.Stderr, "{id}") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		d    Document
		want string
	}{
		{Document{7, "ab12", "Klage & Antwort.pdf"}, "7-ab12.pdf"},
		{Document{7, "ab12", "../../../etc/passwd"}, "7-ab12.bin"},
		{Document{7, "ab12", `a.p\..\df`}, "7-ab12.bin"},
		{Document{7, "../x", "a.pdf"}, ""},
		{Document{7, "", "a.pdf"}, ""},
		{Document{7, strings.Repeat("a", 65), "a.pdf"}, ""},
	} {
		if got, err := c.d.name(); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %v; want %q", c.d, got, err, c.want)
		}
	}
}
