package outfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/outfile"
)

func write(t *testing.T, name, text string) *outfile.File {
	t.Helper()
	f, err := outfile.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func alone(t *testing.T, dir string, want int) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
		t.Errorf("%d files, %v; want %d", len(entries), err, want)
	}
}

func TestWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "akte.json")
	f := write(t, name, "one")
	if _, err := os.Stat(name); err == nil {
		t.Error("it is there before all is written")
	}
	f.Abort()
	f.Abort()
	alone(t, dir, 0)

	f = write(t, name, "one")
	if err := f.Commit(); err != nil || read(t, name) != "one" {
		t.Errorf("%v, %q", err, read(t, name))
	}
	f.Abort()
	write(t, name, "two, and half of").Abort()
	if read(t, name) != "one" {
		t.Error("the file is not kept")
	}
	if err := write(t, name, "two").Commit(); err != nil || read(t, name) != "two" {
		t.Errorf("%v, %q", err, read(t, name))
	}
	alone(t, dir, 1)
}

func TestRightsAndLinksStay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other rights, and links need a privilege")
	}
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", link); err != nil {
		t.Fatal(err)
	}
	if err := write(t, link, "new").Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if info, _ := os.Stat(name); read(t, name) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q with %v", read(t, name), info.Mode())
	}
	if err := os.WriteFile(filepath.Join(dir, "b"), nil, 0o666); err != nil { // as the system makes one
		t.Fatal(err)
	}
	if err := write(t, filepath.Join(dir, "c"), "").Commit(); err != nil {
		t.Fatal(err)
	}
	b, _ := os.Stat(filepath.Join(dir, "b"))
	if c, err := os.Stat(filepath.Join(dir, "c")); err != nil || c.Mode() != b.Mode() {
		t.Errorf("%v, want %v", c.Mode(), b.Mode())
	}
}

func TestWhatIsNoFileIsWrittenDirectly(t *testing.T) {
	if err := write(t, os.DevNull, "x").Commit(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"", dir, filepath.Join(dir, "no", "folder"), filepath.Join(dir, "link"), filepath.Join(dir, "x\x00y")} {
		if f, err := outfile.Create(name); err == nil {
			f.Abort()
			t.Errorf("%q is taken", name)
		}
	}
	alone(t, dir, 1)
}
