package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
)

const replayLimit = 100_000

// replayCase is one cell of the table of replays: a body, how the server treats it the first time,
// and what becomes of it.
type replayCase struct {
	body     func(*testing.T) io.Reader
	text     string // what is in it
	declared bool   // its length is
	getBody  func() (io.ReadCloser, error)
	expect   bool  // 100-continue
	limit    int   // 0: replayLimit
	reads    int64 // by the server before its 401; negative: all
	takes    int64 // by the server when it takes it; 0: all
	tokens   func(*testing.T) *token.Source
	want     int // the status; 0: either, as long as it is right
}

func opaque(text string) func(*testing.T) io.Reader {
	return func(*testing.T) io.Reader { return &tracked{r: strings.NewReader(text)} }
}

// read is an opaque body that is read through wrap.
func read(wrap func(io.Reader) io.Reader, text string) func(*testing.T) io.Reader {
	return func(*testing.T) io.Reader { return &tracked{r: wrap(strings.NewReader(text))} }
}

// secondHalf makes two readers of one, of 2,500 bytes and of the rest.
func secondHalf(r io.Reader) io.Reader { return io.MultiReader(io.LimitReader(r, 2500), r) }

// section can seek, but not before its own beginning.
func section(text string, at int64) func(*testing.T) io.Reader {
	return func(*testing.T) io.Reader {
		s := io.NewSectionReader(strings.NewReader(text), at, int64(len(text))-at)
		return seekable{&tracked{r: s}, s}
	}
}

func seeker(text string) func(*testing.T) io.Reader {
	return func(*testing.T) io.Reader { return onlySeeker(text) }
}

// file is an os.File that has been read up to a point.
func file(text string, at int64) func(*testing.T) io.Reader {
	return func(t *testing.T) io.Reader {
		name := filepath.Join(t.TempDir(), "body")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		return seekable{&tracked{r: f}, f}
	}
}

// stuckSeeker can tell where it is, and no more.
type stuckSeeker struct{}

func (stuckSeeker) Seek(offset int64, whence int) (int64, error) {
	if offset == 0 && whence == io.SeekCurrent {
		return 0, nil
	}
	return 0, errors.New("no way back")
}

func replayCases() map[string]replayCase {
	short, full, long := pattern(5_000), pattern(replayLimit), pattern(replayLimit+1)
	refetch := func(t *testing.T) *token.Source { return newSource(t, "tok-1") }
	wait := func(*testing.T) io.Reader {
		return &tracked{r: &blocked{"[1,2]", make(chan struct{}), make(chan struct{})}}
	}
	return map[string]replayCase{
		"none":                       {body: nil, reads: -1, want: 200},
		"NoBody":                     {body: func(*testing.T) io.Reader { return http.NoBody }, reads: -1, want: 200},
		"GetBody":                    {body: func(*testing.T) io.Reader { return strings.NewReader(short) }, text: short, declared: true, reads: -1, want: 200},
		"GetBody, unread":            {body: func(*testing.T) io.Reader { return strings.NewReader(long) }, text: long, declared: true, want: 200},
		"GetBody, without a limit":   {body: func(*testing.T) io.Reader { return strings.NewReader(long) }, text: long, declared: true, limit: -1, reads: -1, want: 200},
		"GetBody fails":              {body: opaque(short), text: short, getBody: func() (io.ReadCloser, error) { return nil, io.ErrNoProgress }, reads: -1, want: 401},
		"GetBody has none":           {body: opaque(short), text: short, getBody: func() (io.ReadCloser, error) { return nil, nil }, reads: -1, want: 401},
		"file":                       {body: file(long, 0), text: long, declared: true, reads: -1, want: 200},
		"file, chunked":              {body: file(long, 0), text: long, reads: -1, want: 200},
		"file from the middle":       {body: file("before"+long, 6), text: long, declared: true, reads: -1, want: 200},
		"file, early":                {body: file("before"+long, 6), text: long, declared: true, want: 200},
		"seeker":                     {body: seeker(long), text: long, reads: -1, want: 200},
		"seeker, length declared":    {body: seeker(long), text: long, declared: true, reads: 10, want: 200},
		"seeker, limit negative":     {body: seeker(short), text: short, limit: -1, reads: -1, want: 401},
		"seeker that cannot go back": {body: func(*testing.T) io.Reader { return seekable{&tracked{r: strings.NewReader(short)}, stuckSeeker{}} }, text: short, reads: -1, want: 401},
		"opaque":                     {body: opaque(short), text: short, reads: -1, want: 200},
		"opaque, length declared":    {body: opaque(short), text: short, declared: true, reads: -1, want: 200},
		"opaque, empty":              {body: opaque(""), reads: -1, want: 200},
		"opaque, byte by byte":       {body: read(iotest.OneByteReader, short[:500]), text: short[:500], limit: 500, reads: -1, want: 200},
		"opaque, in halves":          {body: read(iotest.HalfReader, full), text: full, reads: 1000, want: 200},
		"opaque, data with the end":  {body: read(iotest.DataErrReader, short), text: short, declared: true, reads: -1, want: 200},
		"opaque, two in a row":       {body: read(secondHalf, short), text: short, reads: 3000, want: 200},
		"byte by byte, over":         {body: read(iotest.OneByteReader, short[:501]), text: short[:501], declared: true, limit: 500, reads: -1, want: 401},
		"a section of a file":        {body: section("before"+long, 6), text: long, declared: true, reads: 10, want: 200},
		"at the limit":               {body: opaque(full), text: full, reads: -1, want: 200},
		"at the limit, declared":     {body: opaque(full), text: full, declared: true, reads: -1, want: 200},
		"over the limit":             {body: opaque(long), text: long, reads: -1, want: 401},
		"over the limit, declared":   {body: opaque(long), text: long, declared: true, reads: -1, want: 401},
		"limit negative":             {body: opaque(short), text: short, limit: -1, reads: -1, want: 401},
		"unread":                     {body: opaque(short), text: short, want: 200},
		"unread, length declared":    {body: opaque(full), text: full, declared: true, want: 200},
		"partly read":                {body: opaque(full), text: full, reads: 1000, want: 200},
		"partly read, declared":      {body: opaque(full), text: full, declared: true, reads: 1000, want: 200},
		"endless":                    {body: func(*testing.T) io.Reader { return &tracked{r: new(endless)} }, takes: 500_000, text: pattern(500_000)},
		"endless, large limit":       {body: func(*testing.T) io.Reader { return &tracked{r: new(endless)} }, limit: 1 << 30, reads: 1000, takes: 500_000, text: pattern(500_000), want: 200},
		"100-continue":               {body: opaque(short), text: short, declared: true, expect: true, want: 200},
		"100-continue, over":         {body: opaque(long), text: long, declared: true, expect: true, want: 200}, // none of it was read
		"blocked source":             {body: wait, text: "[1,2]", reads: 5, want: 401},
		"same token again":           {body: opaque(short), text: short, tokens: refetch, reads: -1, want: 401},
		"gateway down":               {body: opaque(short), text: short, tokens: lastToken, reads: -1, want: 401},
		"gateway down, unread":       {body: opaque(full), text: full, tokens: lastToken, want: 401},
		"gateway down, seeker":       {body: seeker(short), text: short, tokens: lastToken, reads: -1, want: 401},
	}
}

// The second attempt brings the same bytes in the same frame, or there is none
// and the caller gets the first answer, whole.
func TestReplay(t *testing.T) {
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			for name, tt := range replayCases() {
				t.Run(name, func(t *testing.T) {
					for tries := 1; !tt.try(t, w, w.memory || tries == 10); tries++ {
					}
				})
			}
		})
	}
}

// try makes the request, and reports false if it says nothing: a first attempt that is slow to
// stop is not waited for longer than 50 ms, and its answer not for 100 ms, which a busy machine
// needs at times. So it is on sockets only, and not with the last try; in memory, time is
// virtual.
func (tt replayCase) try(t *testing.T, w wire, last bool) (done bool) {
	var body io.Reader
	var conns int32
	g := &gate{reads: tt.reads, takes: tt.takes, late: w.memory}
	w.run(t, g, func(t *testing.T, n *wired) {
		if tt.body != nil {
			body = tt.body(t)
		}
		if b, ok := body.(*tracked); ok {
			if source, ok := b.r.(*blocked); ok {
				g.after = source.waiting
			}
		}
		done = tt.send(t, n, body, last)
		conns = n.conns.Load()
	})
	if !done || !last && notClosed(body) {
		return false
	}
	tt.checkAttempts(t, g.attempts, w)
	checkClosed(t, body, w)
	if reusable := tt.reads < 0 && w.memory || w.http2; reusable && conns != 1 {
		t.Errorf("%d connections, want 1", conns)
	}
	return true
}

// send sends the request and checks what the caller sees. It is false if there was no second
// attempt, which one more try may have.
func (tt replayCase) send(t *testing.T, n *wired, body io.Reader, last bool) bool {
	source := newSource(t, "tok-1", "tok-2")
	if tt.tokens != nil {
		source = tt.tokens(t)
	}
	defer source.Close()
	tr := &client.Transport{Source: source, Origin: parse(t, n.server.URL), Base: n.base, ReplayLimit: tt.limit, Logger: new(logs).logger()}
	if tt.limit == 0 {
		tr.ReplayLimit = replayLimit
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", n.server.URL+"/x?q=1", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Own", "1")
	if tt.declared {
		req.ContentLength = int64(len(tt.text))
	}
	if tt.expect {
		req.Header.Set("Expect", "100-continue")
	}
	if tt.getBody != nil {
		req.GetBody = tt.getBody
	}
	before, header := *req, req.Header.Clone()

	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if !last && tt.want == 200 && resp.StatusCode == 401 {
		_ = resp.Body.Close()
		return false
	}
	text, err := io.ReadAll(resp.Body)
	want := map[int]string{200: "taken", 401: refusalText}[resp.StatusCode]
	if string(text) != want || err != nil || tt.want != 0 && resp.StatusCode != tt.want {
		t.Errorf("got %d with %d bytes, %v; want %d with %d", resp.StatusCode, len(text), err, tt.want, len(want))
	}
	if err := resp.Body.Close(); err != nil {
		t.Errorf("closing the answer: %v", err)
	}
	if resp.Request != req || req.Body != before.Body || req.ContentLength != before.ContentLength ||
		(req.GetBody == nil) != (before.GetBody == nil) || !cmp.Equal(req.Header, header) {
		t.Error("the request was changed")
	}
	return true
}

// checkAttempts compares what the server got.
func (tt replayCase) checkAttempts(t *testing.T, got []attempt, w wire) {
	t.Helper()
	if len(got) == 0 {
		t.Fatal("nothing arrived")
	}
	first := tt.text
	if tt.reads >= 0 {
		first = first[:min(tt.reads, int64(len(first)))]
	}
	if got[0].Body != first {
		t.Errorf("first: %d bytes arrived, want %d", len(got[0].Body), len(first))
	}
	if want := map[bool]int{false: 1, true: 2}[w.http2]; got[0].Proto != want {
		t.Errorf("HTTP/%d was spoken", got[0].Proto)
	}
	if tt.declared && got[0].Length != int64(len(tt.text)) {
		t.Errorf("first: %d bytes were declared", got[0].Length)
	}
	switch {
	case tt.want == 401 && len(got) != 1:
		t.Errorf("%d attempts, want 1", len(got))
	case tt.want == 200 && len(got) != 2:
		t.Errorf("%d attempts, want 2", len(got))
	case len(got) == 2:
		want := attempt{"Bearer tok-2", got[0].Proto, got[0].Length, got[0].Encoding, tt.text}
		if got[1] != want {
			t.Errorf("second: %d bytes, %d declared, %q by %q; want %d, %d, %q", len(got[1].Body), got[1].Length, got[1].Encoding, got[1].Bearer, len(want.Body), want.Length, want.Encoding)
		}
	}
}

// counted returns the part of a body that counts, nil if it has none.
func counted(body io.Reader) *tracked {
	if s, ok := body.(seekable); ok {
		return s.tracked
	}
	b, _ := body.(*tracked)
	return b
}

func notClosed(body io.Reader) bool {
	b := counted(body)
	return b != nil && b.closed.Load() == 0
}

// checkClosed waits for nothing: everything around the body has been closed.
func checkClosed(t *testing.T, body io.Reader, w wire) {
	t.Helper()
	b := counted(body)
	if b == nil {
		return
	}
	if n := b.closed.Load(); n != 1 {
		t.Errorf("the body was closed %d times", n)
	}
	// HTTP/2 closes a body while it reads it, as it may.
	if b.late.Load() && !w.http2 {
		t.Error("the body was read after it was closed")
	}
}

// A second 401 comes with its own body, and nothing of the first.
func TestReplayRefusedAgain(t *testing.T) {
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			got := ""
			for tries := 1; tries == 1 || tries <= 10 && !w.memory && got == "[1]"; tries++ { // see try
				got = refusedAgain(t, w)
			}
			if got != "[1][1]" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// refusedAgain returns the answer to a request that is refused each time: its body once for
// each time.
func refusedAgain(t *testing.T, w wire) (answer string) {
	n := 0
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(401)
		_, _ = w.Write(bytes.Repeat(body, n))
	})
	w.run(t, refuse, func(t *testing.T, n *wired) {
		source := newSource(t, "tok-1", "tok-2")
		defer source.Close()
		tr := &client.Transport{Source: source, Origin: parse(t, n.server.URL), Base: n.base, Logger: new(logs).logger()}
		req, _ := http.NewRequest("PUT", n.server.URL, &tracked{r: strings.NewReader("[1]")})
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if resp.StatusCode != 401 || err != nil {
			t.Errorf("got %d %q, %v", resp.StatusCode, text, err)
		}
		answer = string(text)
	})
	return answer
}
