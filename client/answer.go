package client

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
	answerLimit = 64 << 10
	answerWait  = 100 * time.Millisecond
)

// keepAnswer reads the body of an answer into memory, where it stays readable
// however long the next token takes: a server that did not want the rest of the
// request soon cuts the connection. It reports whether that was all of it; then the
// connection is free for the second attempt, unless a stream has stopped it. A body
// that stalls is not waited for: whoever reads it then, does that himself.
func keepAnswer(resp *http.Response) (whole bool) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	kept := &keptAnswer{rest: resp.Body}
	resp.Body = kept
	kept.head = bounded.Go(func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(kept.rest, answerLimit+1))
	})
	patience := time.NewTimer(answerWait)
	defer patience.Stop()
	select {
	case head := <-kept.head:
		kept.begin(head)
		return head.Err == nil && len(head.Value) <= answerLimit
	case <-patience.C:
		return false
	}
}

// keptAnswer is the body of an answer of which the beginning is read ahead.
type keptAnswer struct {
	rest   io.ReadCloser
	head   <-chan bounded.Result[[]byte]
	reader io.Reader // nil until the head has been read
}

func (k *keptAnswer) begin(head bounded.Result[[]byte]) {
	k.reader = io.MultiReader(bytes.NewReader(head.Value), k.rest)
	if head.Err != nil {
		k.reader = io.MultiReader(bytes.NewReader(head.Value), failing{head.Err})
	}
}

func (k *keptAnswer) Read(p []byte) (int, error) {
	if k.reader == nil {
		k.begin(<-k.head)
	}
	return k.reader.Read(p)
}

func (k *keptAnswer) Close() error { return k.rest.Close() }

// failing is the rest of an answer that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
