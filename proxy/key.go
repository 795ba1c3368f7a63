package proxy

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"
)

// minKey is how many bytes a key has at least.
const minKey = 16

const (
	maxKeyFile = 64 << 10
	keyRecheck = time.Second
)

// Keys are those by which clients may use a proxy. Make them with [OpenKeys].
type Keys struct {
	path   string
	logger *slog.Logger

	mu      sync.Mutex
	digests [][sha256.Size]byte
	seen    fs.FileInfo // of the file that they are from
	look    time.Time   // when to look at it again
	bad     string      // what was last said of it
}

// OpenKeys reads keys from a file: one on each line, each of at least 16 visible characters.
// Empty lines do not count, nor do lines that begin with #. The file is read again when it
// has changed, within a second, so that a key can be replaced while clients still have the old
// one; if it cannot be used any more, the keys stay as they are, and the Logger is warned. It
// is warned too of a file that others may read. A nil Logger means slog.Default().
func OpenKeys(path string, logger *slog.Logger) (*Keys, error) {
	if logger == nil {
		logger = slog.Default()
	}
	k := &Keys{path: path, logger: logger}
	if err := k.read(); err != nil {
		return nil, fmt.Errorf("proxy: the file of keys %w", err)
	}
	if k.seen.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		logger.Warn("the file of keys can be read by other users of this machine: chmod 600", "file", path)
	}
	k.look = time.Now().Add(keyRecheck)
	return k, nil
}

// read replaces the keys by those of the file.
func (k *Keys) read() error {
	info, err := os.Stat(k.path)
	if err == nil && !info.Mode().IsRegular() {
		return errors.New("is not a regular file")
	}
	var text []byte
	var f *os.File
	if err == nil {
		f, err = os.Open(k.path)
	}
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(f, maxKeyFile+1))
		_ = f.Close()
	}
	if err != nil {
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("cannot be read: %w", err)
	}
	if len(text) > maxKeyFile {
		return fmt.Errorf("is longer than %d bytes", maxKeyFile)
	}
	var digests [][sha256.Size]byte
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors write it into files
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxKeyFile+1)
	for n := 1; lines.Scan(); n++ {
		key := bytes.TrimSpace(lines.Bytes())
		switch {
		case len(key) == 0 || key[0] == '#':
			continue
		case len(key) < minKey:
			return fmt.Errorf("has a key of fewer than %d characters on line %d: head -c 24 /dev/urandom | base64 makes one", minKey, n)
		case bytes.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
			return fmt.Errorf("has something else than visible ASCII on line %d", n)
		}
		digests = append(digests, sha256.Sum256(key))
	}
	if len(digests) == 0 {
		return fmt.Errorf("has no key: write one of at least %d characters on a line", minKey)
	}
	k.digests, k.seen, k.bad = digests, info, ""
	return nil
}

// has reports whether one of the texts is a key. How long that takes says nothing of the keys.
func (k *Keys) has(texts []string) bool {
	digests := k.current()
	found := 0
	for _, text := range texts {
		sum := sha256.Sum256([]byte(text))
		for i := range digests {
			found |= subtle.ConstantTimeCompare(sum[:], digests[i][:])
		}
	}
	return found == 1
}

// current returns the keys, after a look at the file if the last one was a second ago.
func (k *Keys) current() [][sha256.Size]byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if now.Before(k.look) {
		return k.digests
	}
	k.look = now.Add(keyRecheck)
	info, err := os.Stat(k.path)
	if err == nil && info.ModTime().Equal(k.seen.ModTime()) && info.Size() == k.seen.Size() && os.SameFile(info, k.seen) {
		return k.digests
	}
	if err := k.read(); err != nil && err.Error() != k.bad {
		k.bad = err.Error()
		k.logger.Warn("the file of keys cannot be used: the keys stay as they were", "file", k.path, "error", err)
	}
	return k.digests
}
