package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

// result is a line that --batch prints.
type result struct {
	Index   int             `json:"index"`
	Line    int             `json:"line"`
	Request map[string]any  `json:"request"`
	Status  int             `json:"status"`
	Body    json.RawMessage `json:"body"`
	Error   string          `json:"error"`
}

func results(t *testing.T, text string) (all []result) {
	t.Helper()
	for line := range strings.Lines(text) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		all = append(all, r)
	}
	return all
}

func TestBatch(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	list := "/api/v1/Echo?a=1\nGET /nowhere\n\n# made up\nnonsense with words\n" +
		`{"method":"POST","endpoint":"/api/v1/Echo","query":{"b":2},"body":{"n":1.0}}`
	got := runWith(t, fake.Env(), list, "call", "--batch", "--store", "memory", "--concurrency", "3", "-H", "X-A: b", "--stats")
	s, line := lastLine(t, got.err)
	if got.status != 1 || !strings.HasPrefix(line, "advoware: 2 of 4 calls failed (lines 2, 5), the first with: API status 404: GET /nowhere") || strings.Count(line, "\n") != 1 {
		t.Errorf("status %d, stderr %q", got.status, got.err)
	}
	if *s.Calls != 3 || *s.TokenFetches != 1 {
		t.Errorf("%s", got.err)
	}
	all := results(t, got.out)
	if len(all) != 4 {
		t.Fatalf("%s", got.out)
	}
	for i, r := range all {
		if r.Index != i || r.Line != []int{1, 2, 5, 6}[i] || r.Status != []int{200, 404, 0, 200}[i] || (r.Error != "") != (i == 1 || i == 2) {
			t.Errorf("%+v", r)
		}
	}
	var echo clienttest.Echo
	if err := json.Unmarshal(all[3].Body, &echo); err != nil || echo.Body != `{"n":1.0}` || echo.Query.Get("b") != "2" || echo.Header.Get("X-A") != "b" {
		t.Errorf("%v, %+v", err, echo)
	}
	if diff := cmp.Diff(map[string]any{"method": "POST", "endpoint": "/api/v1/Echo", "query": map[string]any{"b": []any{"2"}}}, all[3].Request); diff != "" {
		t.Error(diff)
	}

	name := filepath.Join(t.TempDir(), "f")
	runWith(t, fake.Env(), "/employees\n/employees\n", "call", "--batch", "--store", "memory", "-o", name).wantQuiet(t)
	if text, err := os.ReadFile(name); err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("%q, %v", text, err)
	}
	runWith(t, fake.Env(), "", "call", "--batch", "--store", "memory").wantQuiet(t)
}

func TestBatchFlags(t *testing.T) {
	for _, more := range []string{"GET /x", "-q a=1", "-d {}", "--repeat 2", "-i", "--raw", "--pretty", "--concurrency 0"} {
		runWith(t, nil, "", append([]string{"call", "--sandbox", "--batch"}, strings.Fields(more)...)...).wantFailure(t, 2)
	}
}

// A write is refused, the rest of the list goes on.
func TestBatchWhereOnlyReadingIsPermitted(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	const list = "DELETE /appointments/1\n/employees\n"
	for _, c := range []struct{ env, args []string }{{[]string{"ADVOWARE_READ_ONLY=true"}, nil}, {nil, []string{"--read-only"}}} {
		got := runWith(t, append(fake.Env(), c.env...), list, append([]string{"call", "--batch", "--store", "memory"}, c.args...)...)
		all := results(t, got.out)
		if got.status != 1 || len(all) != 2 || !strings.Contains(all[0].Error, "only reading is permitted") || all[1].Status != 200 {
			t.Errorf("status %d, %s", got.status, got.out)
		}
	}
	run(t, fake.Env(), "call", "DELETE", "/appointments/1", "--store", "memory", "--read-only").wantFailure(t, 2, "--read-only")
	for _, r := range fake.Requests() {
		if r.Method == "DELETE" {
			t.Error("it was sent")
		}
	}
}

func TestBatchOfThousands(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer api.Close()
	var list strings.Builder
	const of = 3000
	for i := range of {
		fmt.Fprintf(&list, "/%d\n", i)
	}
	got := runWith(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), list.String(), "call", "--batch", "--store", "memory", "--concurrency", "8")
	got.wantQuiet(t)
	all := results(t, got.out)
	for i, r := range all {
		if r.Index != i || string(r.Body) != fmt.Sprint(i) {
			t.Fatalf("%+v", r)
		}
	}
	if len(all) != of {
		t.Errorf("%d lines", len(all))
	}
}
