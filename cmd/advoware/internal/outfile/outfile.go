// Package outfile writes a file as a whole or not at all: what was there under its name stays
// until all of the new content is written.
package outfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that is being written. Make it with [Create]. It is for one goroutine at a
// time.
type File struct {
	*os.File
	name string      // what it becomes; empty for what is no file, which is written directly
	mode fs.FileMode // of what was there; 0 if nothing was
	done bool
	kept bool // it stays open: others write to it too
}

// Create begins to write the file of that name. One that is there must be writable, and is
// left alone until Commit; a link is followed. What is no file, a device or a pipe, is opened
// and written directly, and so is a descriptor by its name (/dev/stderr, /dev/fd/3), whatever
// that leads to: the shell has opened it, and its place in it counts.
func Create(name string) (*File, error) {
	if name == "" {
		return nil, errors.New("the name of the file is empty")
	}
	if f, ok := descriptor(name); ok {
		return f, nil
	}
	was, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(name); err == nil {
			return nil, fmt.Errorf("%s is a link that leads nowhere", name)
		}
		return begin(name, 0)
	case err != nil:
		return nil, err
	case was.IsDir():
		return nil, fmt.Errorf("%s is a folder", name)
	}
	old, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	if !was.Mode().IsRegular() {
		return &File{File: old}, nil
	}
	_ = old.Close()
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return nil, err
	}
	return begin(name, was.Mode().Perm())
}

// begin makes a file beside name, so that it can be renamed. A new one has the rights that
// the system gives new files.
func begin(name string, mode fs.FileMode) (*File, error) {
	beside := filepath.Join(filepath.Dir(name), ".advoware-"+rand.Text())
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = fmt.Errorf("%s: %w", name, path.Err)
		}
		return nil, err
	}
	made := &File{File: f, name: name, mode: mode}
	unfinished.add(beside)
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			made.Abort()
			return nil, err
		}
	}
	return made, nil
}

// Commit puts the file under its name. After an error nothing has changed there.
func (f *File) Commit() error {
	if f.done {
		return nil
	}
	if f.name == "" {
		if f.done = true; f.kept {
			return nil
		}
		return f.Close()
	}
	err := f.Sync()
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), f.name)
	}
	if f.done = true; err != nil {
		_ = os.Remove(f.Name())
	}
	unfinished.drop(f.Name())
	return err
}

// Abort drops what was written. After Commit it does nothing.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	if f.kept {
		return
	}
	_ = f.Close()
	if f.name != "" {
		_ = os.Remove(f.Name())
		unfinished.drop(f.Name())
	}
}
