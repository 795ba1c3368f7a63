package benchmarks

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// officeEnv makes the test binary an office: an API and a gateway, in a process of its own.
const officeEnv = "ADVOWARE_BENCHMARK_OFFICE"

// officeAnswer is what the office answers: 1.5 KB, as three employees are.
var officeAnswer = `[{"text":"` + strings.Repeat("0123456789abcdef", 96) + `"}]`

// office says where a process of its own serves.
type office struct {
	API, Gateway string
}

// serveOffice serves until its input ends. ?wait=5ms is how long an answer takes.
func serveOffice() {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, tokenAnswer, tokenText)
	}))
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer "+tokenText {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if text := req.URL.Query().Get("wait"); text != "" {
			<-time.After(must(time.ParseDuration(text)))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, officeAnswer)
	}))
	_ = json.NewEncoder(os.Stdout).Encode(office{API: api.URL, Gateway: gateway.URL})
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startOffice starts an office that ends with the test.
func startOffice(tb testing.TB) (o office) {
	p := startProgram(tb, nil, []string{officeEnv + "=1"}, must(os.Executable()))
	if err := json.NewDecoder(p.stdout).Decode(&o); err != nil {
		tb.Fatal(err)
	}
	return o
}
