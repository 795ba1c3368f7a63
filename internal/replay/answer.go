package replay

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// How much of a refused attempt's answer is read and kept, and how long that may
// take; to read more only to keep the connection costs more than a new one.
const (
	keptLimit = 64 << 10
	keptWait  = 100 * time.Millisecond
)

// KeepAnswer reads the body of an answer into memory, where it stays readable
// however long the next token takes: a server that did not want the rest of the
// request soon cuts the connection. It returns what it read, and whether that was all of
// it; then the connection is free for the second attempt, unless a Body has stopped it. A
// body that stalls is not waited for: it is then read when the caller reads it.
func KeepAnswer(resp *http.Response) (beginning []byte, whole bool) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	kept := &answer{rest: resp.Body}
	resp.Body = kept
	kept.head = bounded.Go(func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(kept.rest, keptLimit+1))
	})
	patience := time.NewTimer(keptWait)
	defer patience.Stop()
	select {
	case head := <-kept.head:
		kept.begin(head)
		return head.Value, head.Err == nil && len(head.Value) <= keptLimit
	case <-patience.C:
		return nil, false
	}
}

// answer is the body of an answer whose beginning has been read ahead.
type answer struct {
	rest   io.ReadCloser
	head   <-chan bounded.Result[[]byte]
	reader io.Reader // nil until the head has been read
}

func (a *answer) begin(head bounded.Result[[]byte]) {
	a.reader = io.MultiReader(bytes.NewReader(head.Value), a.rest)
	if head.Err != nil {
		a.reader = io.MultiReader(bytes.NewReader(head.Value), failing{head.Err})
	}
}

func (a *answer) Read(p []byte) (int, error) {
	if a.reader == nil {
		a.begin(<-a.head)
	}
	return a.reader.Read(p)
}

func (a *answer) Close() error { return a.rest.Close() }

// failing is the rest of an answer that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
