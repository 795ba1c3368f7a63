//go:build !plan9

package listen_test

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/proxy/internal/listen"
)

func TestUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "proxy.sock")
	l, err := listen.On("unix:"+path, false)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if l.Addr().String() != path || l.Addr().Network() != "unix" {
		t.Errorf("%v", l.Addr())
	}
	if _, err := listen.On("unix:"+path, false); err == nil || !strings.Contains(err.Error(), "another process listens") {
		t.Errorf("a second one: %v", err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) > 0 {
		t.Errorf("%v is left", names)
	}
}

// A socket of a process that was killed is replaced; nothing else is.
func TestUnixInPlaceOfAnother(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	l, err := listen.On("unix:"+stale, false)
	if err != nil {
		t.Fatal(err)
	}
	// Another one in its place is not ours to remove.
	_ = os.Remove(stale)
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if _, err := os.Stat(stale); err != nil {
		t.Error("the file of another one was removed")
	}

	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{
		file: "no socket", link: "no socket", dir: "no socket", "": "no path", "@abstract": "mode", filepath.Join(dir, "none", "sock"): "no such file",
		filepath.Join(dir, strings.Repeat("x", 200)): "too long",
	} {
		if l, err := listen.On("unix:"+path, true); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, %v; want something about: %s", path, l, err, why)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "text" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

// A path that is short enough for a socket may be in a directory in which none can be made.
func TestUnixInADirectoryWithALongPath(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, strings.Repeat("d", max(1, 103-len(dir)-len("//p"))))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := listen.On("unix:"+filepath.Join(long, "p"), false); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Error(err)
	}
	if names, _ := os.ReadDir(long); len(names) > 0 {
		t.Errorf("%v is left", names)
	}
}
