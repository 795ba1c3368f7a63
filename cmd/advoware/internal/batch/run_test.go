package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/batch"
)

// endless is a list of that many lines, none of which is in memory before it is read.
type endless struct {
	left  int
	taken atomic.Int64
	rest  []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = []byte("/x\n")
		e.taken.Add(1)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// A hundred thousand lines, of which one is slow: order is kept, and the others do not run
// far ahead of it.
func TestOrderAndBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const of, together = 100_000, 7
		var now, most, begun atomic.Int64
		list := &endless{left: of}
		next, slow := 0, int64(0)
		sum, err := batch.Run(t.Context(), batch.Config{In: list, Concurrency: together,
			Do: func(ctx context.Context, item batch.Item) batch.Result {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
				begun.Add(1)
				if item.Index == 5000 {
					time.Sleep(time.Hour)
					slow = begun.Load() - 5000
				}
				return batch.Result{}
			},
			Print: func(r batch.Result) error {
				if r.Index != next || r.Line != next+1 {
					t.Fatalf("%d of line %d, want %d", r.Index, r.Line, next)
				}
				next++
				return nil
			},
		})
		if err != nil || sum.Made != of || sum.Failed != 0 || next != of {
			t.Errorf("%+v, %v, %d printed", sum, err, next)
		}
		if n := most.Load(); n > together {
			t.Errorf("%d calls together", n)
		}
		if slow > 3*together {
			t.Errorf("%d calls ahead of a slow one", slow)
		}
	})
}

func TestCallsUnderWayAreFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(90*time.Second, cancel)
		in, typing := io.Pipe() // nobody types any more
		go func() { _, _ = io.WriteString(typing, "/a\n/b\n/c\n") }()
		printed := 0
		sum, err := batch.Run(ctx, batch.Config{In: in, Concurrency: 2,
			Do: func(ctx context.Context, item batch.Item) batch.Result {
				time.Sleep(time.Minute)
				return batch.Result{Err: ctx.Err()}
			},
			Print: func(batch.Result) error { printed++; return nil },
		})
		if err != nil || !sum.Interrupted || sum.Made != 3 || sum.Failed != 0 || printed != 3 {
			t.Errorf("%+v, %v, %d printed", sum, err, printed)
		}
		_ = in.Close()
	})
}

func TestErrors(t *testing.T) {
	full, torn := errors.New("full"), errors.New("torn")
	do := func(_ context.Context, item batch.Item) batch.Result {
		if item.Endpoint == "/panic" {
			panic("no")
		}
		return batch.Result{}
	}
	sum, err := batch.Run(t.Context(), batch.Config{In: &endless{left: math.MaxInt}, Concurrency: 3, Do: do, Print: func(batch.Result) error { return full }})
	if !errors.Is(err, full) || sum.Made > 20 {
		t.Errorf("%v, %+v", err, sum)
	}
	printed := 0
	sum, err = batch.Run(t.Context(), batch.Config{In: io.MultiReader(strings.NewReader("/a\n"), broken{torn}), Concurrency: 1, Do: do,
		Print: func(batch.Result) error { printed++; return nil }})
	if !errors.Is(err, torn) || printed != 1 {
		t.Errorf("%v, %+v", err, sum)
	}
	sum, err = batch.Run(t.Context(), batch.Config{In: strings.NewReader(strings.Repeat("/panic\n", 12)), Concurrency: 2, Do: do,
		Print: func(batch.Result) error { return nil }})
	if err != nil || sum.Failures() != "12 of 12 calls failed (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more)" {
		t.Errorf("%v, %s", err, sum.Failures())
	}
}

type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }

func TestLines(t *testing.T) {
	long := "/" + strings.Repeat("x", batch.MaxLine)
	list := strings.Join([]string{
		"\ufeff/a?b=ü", "", "  # a comment", "delete /b/1\r", "\t/c ",
		`{"method":"post","endpoint":"/d","query":{"q":["1",2.50,true],"r":"x y"},"body":{"n":1.0,"n":[]}}`,
		`{"endpoint":"/e","body":null}`,
		"GET", "GET /f g", "/f g", `{"endpoint":"/f"`, `{"Endpoint":"/f"}`, `{"endpoint":"/f","endpoint":"/g"}`, `{}`, `{"endpoint":"/f","query":{"a":null}}`, `{"endpoint":"/f","query":["a"]}`, `{"endpoint":"/f"} {}`,
		"/\xff", long, "/last",
	}, "\n")
	var got []string
	_, err := batch.Run(t.Context(), batch.Config{In: strings.NewReader(list), Concurrency: 1,
		Do: func(context.Context, batch.Item) batch.Result { return batch.Result{} },
		Print: func(r batch.Result) error {
			if r.Err != nil {
				got = append(got, fmt.Sprintf("%d error", r.Line))
				return nil
			}
			got = append(got, fmt.Sprintf("%d %s %s %s %s", r.Line, r.Method, r.Endpoint, r.Query.Encode(), r.Request.Body))
			return nil
		}})
	want := []string{
		"1 GET /a?b=ü  ", "4 DELETE /b/1  ", "5 GET /c  ", `6 POST /d q=1&q=2.50&q=true&r=x+y {"n":1.0,"n":[]}`, "7 GET /e  null",
		"8 error", "9 error", "10 error", "11 error", "12 error", "13 error", "14 error", "15 error", "16 error", "17 error", "18 error", "19 error", "20 GET /last  ",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestResultIsOneLine(t *testing.T) {
	r := batch.Result{Status: 200, Body: json.RawMessage("{\n \"a\": 1.0, \"a\": \"<ü>\\u00fc\u2028\"}")}
	r.Method, r.Endpoint = "GET", "/a"
	text, err := r.JSON()
	const want = `{"index":0,"line":0,"request":{"method":"GET","endpoint":"/a"},"status":200,"body":{"a":1.0,"a":"<ü>\u00fc` + "\u2028" + `"}}` + "\n"
	if string(text) != want || err != nil {
		t.Errorf("%s, %v", text, err)
	}
	r = batch.Result{Status: 200, Binary: []byte{0xff}, Type: "application/pdf"}
	if text, err := r.JSON(); string(text) != `{"index":0,"line":0,"status":200,"content_type":"application/pdf","body_base64":"/w=="}`+"\n" || err != nil {
		t.Errorf("%s, %v", text, err)
	}
}
