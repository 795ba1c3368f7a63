//go:build !plan9

package listen

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// maxPath is how long the path of a socket may be on every system.
const maxPath = 103

// unixListener is a socket that is removed at the end.
type unixListener struct {
	*net.UnixListener
	path string
	made fs.FileInfo
	once sync.Once
}

// Addr returns the path that clients connect to.
func (l *unixListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Close removes the socket, unless another process has put its own in its place.
func (l *unixListener) Close() error {
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
			_ = os.Remove(l.path)
		}
	})
	return l.UnixListener.Close()
}

// listenUnix makes the socket in a directory that nobody else may enter, and moves it to its
// place when it has its mode: so there is no moment at which others may connect.
func listenUnix(path string) (net.Listener, error) {
	switch {
	case path == "":
		return nil, errors.New("unix: has no path")
	case path[0] == '@':
		return nil, errors.New("a socket without a file (@) has no mode that would keep other users out: give a path")
	}
	if len(path) > maxPath {
		return nil, fmt.Errorf("the path is too long for a socket: %d bytes, of %d", len(path), maxPath)
	}
	found, err := vacant(path)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".p")
	if err != nil {
		return nil, plainPathError(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	temporary := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if len(temporary) > maxPath && errors.Is(err, syscall.EINVAL) {
		return nil, fmt.Errorf("the path of the directory is too long: the socket is made in one below it, whose path has %d bytes, of %d", len(temporary), maxPath)
	}
	if err != nil {
		return nil, fmt.Errorf("a socket cannot be made in the directory: %w", plain(err))
	}
	l.SetUnlinkOnClose(false)
	err = os.Chmod(temporary, 0o600)
	if err == nil {
		err = unchanged(path, found)
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	var made fs.FileInfo
	if err == nil {
		made, err = os.Lstat(path)
	}
	if err != nil {
		_ = l.Close()
		return nil, plainPathError(err)
	}
	return &unixListener{UnixListener: l, path: path, made: made}, nil
}

// vacant returns what has a path, nil if nothing has; it is an error if that may not be
// replaced.
func vacant(path string) (found fs.FileInfo, err error) {
	found, err = os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, plainPathError(err)
	case found.Mode().Type() != fs.ModeSocket:
		return nil, errors.New("is there already, and is no socket: it is not replaced")
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		_ = conn.Close()
		return nil, errors.New("another process listens there")
	case errors.Is(err, syscall.ECONNREFUSED):
		return found, nil
	}
	return nil, fmt.Errorf("is there already, and whether a process listens there is not known: %w", plain(err))
}

// unchanged reports whether a path still has what was found there.
func unchanged(path string, found fs.FileInfo) error {
	now, err := os.Lstat(path)
	switch {
	case found == nil && errors.Is(err, fs.ErrNotExist), found != nil && err == nil && os.SameFile(found, now):
		return nil
	}
	return errors.New("another process has just begun to listen there")
}

func plainPathError(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
