package client_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client"
)

// restless is a Base that does with a body all that net/http may: it reads it on
// while the answer is out already, closes it meanwhile, before or long after, and
// more than once.
type restless struct {
	left   sync.WaitGroup
	second []byte
}

func (b *restless) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") != "Bearer tok-1" {
		b.second, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
		return bare(200), nil
	}
	stop, reads := rand.IntN(6), rand.IntN(6)
	b.left.Go(func() {
		p := make([]byte, 1+rand.IntN(64))
		for range reads {
			if _, err := req.Body.Read(p); err != nil {
				break
			}
			pause()
		}
		_ = req.Body.Close()
	})
	if stop == 0 {
		b.left.Go(func() { pause(); _ = req.Body.Close() })
	}
	pause()
	return bare(401), nil
}

func pause() {
	for range rand.IntN(20) {
		runtime.Gosched()
	}
}

func bare(status int) *http.Response {
	return &http.Response{StatusCode: status, ProtoMajor: 1, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("text"))}
}

// Whatever the first attempt still does to its body, the second one has all of it,
// and the source is closed once. The second one waits for the first no longer than 50 ms,
// here of virtual time.
func TestReplayWhileTheFirstAttemptGoesOn(t *testing.T) {
	synctest.Test(t, testReplayWhileTheFirstAttemptGoesOn)
}

func testReplayWhileTheFirstAttemptGoesOn(t *testing.T) {
	text, rounds := pattern(300), 2000
	if underRace {
		rounds /= 4 // for time
	}
	for i := range rounds {
		source := newSource(t, "tok-1", "tok-2")
		base, inner := new(restless), &tracked{r: strings.NewReader(text)}
		var body io.ReadCloser = inner
		if i%2 == 0 {
			r := bytes.NewReader([]byte(text))
			inner = &tracked{r: r}
			body = seekable{inner, r}
		}
		limit := 0
		if i%3 == 0 {
			limit = 100 // more may have been read by then, or not
		}
		if i%5 == 0 {
			source = newSource(t, "tok-1") // there is no other token
		}
		tr := &client.Transport{Source: source, Origin: parse(t, apiBase), Base: base, ReplayLimit: limit, Logger: new(logs).logger()}
		req, _ := http.NewRequest("POST", apiBase, body)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		base.left.Wait()
		switch {
		case string(answer) != "text" || err != nil:
			t.Fatalf("round %d: %d %q, %v", i, resp.StatusCode, answer, err)
		case resp.StatusCode == 200 && string(base.second) != text:
			t.Fatalf("round %d: the second attempt brought %d of %d bytes", i, len(base.second), len(text))
		case resp.StatusCode == 401 && i%5 != 0 && limit == 0:
			t.Fatalf("round %d: no second attempt", i)
		}
		if n := inner.closed.Load(); n != 1 {
			t.Fatalf("round %d: closed %d times", i, n)
		}
		source.Close()
	}
}
