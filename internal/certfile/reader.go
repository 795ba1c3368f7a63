package certfile

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// patience is how long a file system is waited for.
const patience = 3 * time.Second

// Reader reads files for each connection. If one cannot be used at present, what all of them
// held when they could be used last counts. Make one with [Open], and set the fields before it
// is used.
type Reader struct {
	// Name returns what the author of the configuration calls a field.
	Name func(field string) string
	// Warn is called on a goroutine of its own when a file cannot be used any more, once for
	// each such problem.
	Warn func(problem error)

	files Files

	mu     sync.Mutex
	good   *Content // nil if the files could never be used
	warned string   // the last problem that Warn was called with
}

// Open reads files for the first time. The Reader is one also if there are problems.
func Open(files Files, name func(field string) string) (*Reader, []Problem) {
	r := &Reader{Name: name, Warn: func(error) {}, files: files}
	content, found := files.Load(name)
	if len(found) == 0 {
		r.good = &content
	}
	return r, found
}

// Read returns what the files hold. It is an error if they could never be used.
func (r *Reader) Read() (Content, error) {
	if r.files == (Files{}) {
		return Content{}, nil
	}
	content, err := r.load()
	r.mu.Lock()
	if err == nil {
		r.good, r.warned = &content, ""
		r.mu.Unlock()
		return content, nil
	}
	good, warn := r.good, r.warned != err.Error()
	if good != nil {
		r.warned = err.Error()
	}
	r.mu.Unlock()
	if good == nil {
		return Content{}, err
	}
	if warn {
		bounded.Run(func() { r.Warn(err) })
	}
	return *good, nil
}

// load is Files.Load, which a file system may not hold up for longer than patience.
func (r *Reader) load() (Content, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	content, err := bounded.Do(ctx, func(context.Context) (Content, error) {
		content, found := r.files.Load(r.Name)
		if len(found) > 0 {
			return content, errors.New(r.Name(found[0].Field) + " " + found[0].Text)
		}
		return content, nil
	})
	if ctx.Err() != nil && err != nil {
		err = errors.New("the files of certificates could not be read within " + patience.String())
	}
	return content, err
}
