package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

// requirePrograms turns skips without a program into failures, if it is set to 1.
const requirePrograms = "ADVOWARE_REQUIRE_PROGRAMS"

// revocable is an office that takes bodies of any size, and refuses each token that it has
// seen when it is asked to.
type revocable struct {
	mu            sync.Mutex
	seen, refused map[string]bool
	unauthorized  int
}

func (o *revocable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !o.admits(r) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Query().Get("name"), body)
	case "/revoke":
		o.mu.Lock()
		for token := range o.seen {
			o.refused[token] = true
		}
		o.mu.Unlock()
	case "/size":
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	case "/bytes":
		var n int64
		_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
		_, _ = io.CopyN(w, exes{}, n)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (o *revocable) admits(r *http.Request) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	token := r.Header.Get("Authorization")
	if token == "" || o.refused[token] {
		o.unauthorized++
		return false
	}
	o.seen[token] = true
	return true
}

type exes struct{}

func (exes) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Programs in other languages call the API without a token: with umlauts, with a hundred
// megabytes up and down, and while tokens are revoked.
func TestProxyFromOtherLanguages(t *testing.T) {
	const size = 100 << 20
	fake := clienttest.Start(t, clienttest.Options{})
	office := &revocable{seen: make(map[string]bool), refused: make(map[string]bool)}
	srv := httptest.NewServer(office)
	t.Cleanup(srv.Close)
	p := startProxy(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+srv.URL), "--addr", "127.0.0.1:0")
	want := strings.Join([]string{
		"GET Müller & Söhne ", `POST  {"text":"Gütetermin über 1 €"}`, `POST  {"text":"nach dem Widerruf"}`, fmt.Sprint(size, " <nil>"), fmt.Sprint(size), "GET Jördis ", "",
	}, "\n")
	tried := 0
	for _, program := range [][]string{{"curl", "sh", "client.sh"}, {"python3", "python3", "client.py"}, {"php", "php", "client.php"}, {"node", "node", "client.mjs"}} {
		t.Run(program[0], func(t *testing.T) {
			path, err := exec.LookPath(program[1])
			if _, missing := exec.LookPath(program[0]); err != nil || missing != nil {
				if os.Getenv(requirePrograms) == "1" {
					t.Fatalf("no %s on PATH, and %s=1 demands one", program[0], requirePrograms)
				}
				t.Skipf("no %s on PATH: a program in it is not run through the proxy (%s=1 makes this a failure)", program[0], requirePrograms)
			}
			ctx, cancel := context.WithTimeout(t.Context(), tooLong)
			defer cancel()
			cmd := exec.CommandContext(ctx, path, filepath.Join("testdata", "proxy", program[2]), p.url, fmt.Sprint(size))
			cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "PYTHONIOENCODING=utf-8", "LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1")
			var errs strings.Builder
			cmd.Stderr = &errs
			out, err := cmd.Output()
			if diff := cmp.Diff(want, string(out)); err != nil || diff != "" {
				t.Errorf("%v %s\n-want +got:\n%s", err, &errs, diff)
			}
			tried++
		})
	}
	if n := fake.Counts().TokenRequests; n != tried+1 || office.unauthorized != tried {
		t.Errorf("%d token requests and %d answers with 401, for %d revocations", n, office.unauthorized, tried)
	}
	if status := p.end(t, syscall.SIGTERM); status != 0 || p.stderr.Len() > 0 {
		t.Errorf("%d, %s", status, &p.stderr)
	}
}
