//go:build !race

package canary_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/redistest"
)

// examined takes a report in each of its forms.
func (k *canary) examined(what string, r doctor.Report) {
	k.value(what, r)
	k.text(what, r.String())
	k.text(what, r.Short())
	text, err := json.Marshal(r)
	if err != nil {
		k.t.Error(err)
	}
	k.text(what, string(text))
}

// The doctor shows no secret, whatever it is asked and whoever answers: nor one in the wrong
// variable's place, in a refusal, in a wrong URL, in an API that repeats what it is sent.
func TestCanaryDoctor(t *testing.T) {
	server := redistest.Start(t)
	if reply := server.Do("CONFIG", "SET", "requirepass", canaryRedisPassword); reply != "OK" {
		t.Fatal(reply)
	}
	k := newCanary(t, clienttest.Options{})
	host, port, _ := net.SplitHostPort(server.Addr())
	base := append(k.fake.Env(), "REDIS_HOST="+host, "REDIS_PORT="+port, "REDIS_PASSWORD="+canaryRedisPassword)
	all := doctor.Options{Fetch: true, Endpoint: "/employees"}
	for name, more := range map[string][]string{
		"good":                  nil,
		"wrong password":        {"ADVOWARE_PASSWORD=" + otherPassword},
		"wrong Redis password":  {"REDIS_PASSWORD=" + otherPassword},
		"broken key":            {"ADVOWARE_API_KEY=" + canaryKey + "ä"},
		"quoted password":       {`ADVOWARE_PASSWORD="` + canaryPassword + `"`},
		"password in lines":     {"ADVOWARE_PASSWORD=" + canaryPassword + "\n" + otherPassword},
		"password as user":      {"ADVOWARE_USER=" + canaryPassword},
		"password as Kanzlei":   {"ADVOWARE_KANZLEI=" + canaryPassword},
		"password as a number":  {"ADVOWARE_ROLE=" + canaryPassword},
		"key as token key":      {"ADVOWARE_TOKEN_KEY=" + canaryKey},
		"key as a file":         {"ADVOWARE_API_TLS_CA_FILE=" + canaryKey},
		"password in a URL":     {"ADVOWARE_API_BASE_URL=http://user:" + otherPassword + "@127.0.0.1/"},
		"password in REDIS_URL": {"REDIS_URL=redis://user:" + otherPassword + "@127.0.0.1:1/0"},
		"misspelt password":     {"ADVOWARE_PASSWORD=", "ADVOWARE_PASSWROD=" + canaryPassword},
		"seal keys":             {"ADVOWARE_TOKEN_SEAL_KEYS=" + canaryPassword},
	} {
		k.examined(name, all.RunEnv(t.Context(), append(slices.Clone(base), more...)))
	}
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "you sent %s and %s", r.Header, body)
	}))
	defer echo.Close()
	k.examined("an API that repeats", all.RunEnv(t.Context(), append(slices.Clone(base), "ADVOWARE_API_BASE_URL="+echo.URL)))
	k.examined("a gateway that repeats", all.RunEnv(t.Context(), append(slices.Clone(base), "ADVOWARE_TOKEN_URL="+echo.URL+"/api/v1/Token")))
	k.examined("as a library", all.Run(t.Context(), k.cfg))
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	k.examined("interrupted", all.RunEnv(ctx, base))
	k.end()
}
