package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"time"
)

var (
	at    = time.Date(2026, 2, 10, 8, 0, 0, 0, time.UTC)
	files = []file{{name: "b/c", data: []byte("text")}, {name: "a.exe", data: []byte("program"), program: true}}
)

// Archives have the files in order, their modes, and no time but that of the commit; the order
// in which they are given does not matter.
func TestArchives(t *testing.T) {
	swapped := []file{files[1], files[0]}
	for name, pack := range map[string]func(string, []file, time.Time) ([]byte, error){"tar": tarball, "zip": zipped} {
		one, err := pack("it_v1", files, at)
		other, err2 := pack("it_v1", swapped, at.In(time.FixedZone("elsewhere", 3600)))
		if err := errors.Join(err, err2); err != nil || !bytes.Equal(one, other) {
			t.Errorf("%s: %v, or other bytes", name, err)
		}
	}
	data, _ := tarball("it_v1", files, at)
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for _, want := range []struct {
		name, text string
		mode       int64
	}{{"it_v1/a.exe", "program", 0o755}, {"it_v1/b/c", "text", 0o644}} {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		if h.Name != want.name || h.Mode != want.mode || string(text) != want.text || !h.ModTime.Equal(at) || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%+v, %q", h, text)
		}
	}
	data, _ = zipped("it_v1", files, at)
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(in.File) != 2 || in.File[0].Name != "it_v1/a.exe" || in.File[0].Mode() != 0o755 || !in.File[1].Modified.Equal(at) {
		t.Errorf("%v, %+v", err, in)
	}
}
