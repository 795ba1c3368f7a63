package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// Document is an entry of /api/v1/File, as far as it is needed here.
type Document struct {
	ID        int    `json:"id"`
	RowID     string `json:"rowId"` // changes with each write
	Dateiname string `json:"dateiname"`
}

// name is the file that one version of a document becomes. The API's own file names are
// written by people, and may be the same, or no names of files at all.
func (d Document) name() (string, error) {
	if !isPlain(d.RowID) || d.RowID == "" {
		return "", fmt.Errorf("document %d has no rowId that can be the name of a file", d.ID)
	}
	ext := strings.TrimPrefix(path.Ext(d.Dateiname), ".")
	if !isPlain(ext) || ext == "" {
		ext = "bin"
	}
	return fmt.Sprintf("%d-%s.%s", d.ID, d.RowID, ext), nil
}

// isPlain reports whether s has only ASCII letters and digits, and not too many of them.
func isPlain(s string) bool {
	return len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// Folder is where documents are copied to. Nothing is written beside it, whatever is in it.
type Folder struct {
	root *os.Root
	lock *flock.Flock
}

// OpenFolder makes the folder if it is not there. One process at a time can have it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, err
	case !locked:
		return nil, fmt.Errorf("another process copies to %s", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Folder{root: root, lock: lock}, nil
}

// Close lets others have the folder.
func (f *Folder) Close() error { return errors.Join(f.root.Close(), f.lock.Close()) }

// Has reports whether this version of a document is there.
func (f *Folder) Has(d Document) (bool, error) {
	name, err := d.name()
	if err != nil {
		return false, err
	}
	_, err = f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Write copies a document. It has its name only when all of it is on the disk; what a process
// that was killed has left behind is written over by the next one.
func (f *Folder) Write(d Document, content io.Reader) (err error) {
	name, err := d.name()
	if err != nil {
		return err
	}
	part := fmt.Sprintf(".part-%d", d.ID)
	file, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync() // before the name: else a power cut may leave a name and no content
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = f.root.Rename(part, name)
	}
	if err != nil {
		err = errors.Join(err, f.root.Remove(part))
	}
	return err
}
