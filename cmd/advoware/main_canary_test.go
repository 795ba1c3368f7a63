package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// Everything that a careless escape could let through is in each of these.
const (
	canaryPassword      = `Kenn"wört\ &<ü>%41+/'ß`
	canaryWrong         = `Anderes"wört\ &<ü>%42+/'ß`
	canaryRedisPassword = `Rédis"wört\ &<ü>%43+/'ß`
	canaryRawKey        = `Schlüssel "mit\allem" &<>%44+/'ß, was es gibt`
)

// TestCanary runs the command with hostile secrets and finds none in what it prints.
func TestCanary(t *testing.T) {
	server := redistest.Start(t)
	if reply := server.Do("CONFIG", "SET", "requirepass", canaryRedisPassword); reply != "OK" {
		t.Fatal(reply)
	}
	key := base64.StdEncoding.EncodeToString([]byte(canaryRawKey))
	fake := clienttest.Start(t, clienttest.Options{Password: canaryPassword, APIKey: key})
	vars := env(fake.Env(), redisAt(server), []string{"REDIS_PASSWORD=" + canaryRedisPassword})
	var seen strings.Builder
	for _, more := range map[string][]string{
		"good":                 nil,
		"wrong password":       {"ADVOWARE_PASSWORD=" + canaryWrong, "ADVOWARE_TOKEN_KEY=another"},
		"broken key":           {"ADVOWARE_API_KEY=" + key[:len(key)-3] + `"ä`},
		"wrong Redis password": {"REDIS_PASSWORD=" + canaryWrong},
		"no Redis":             noRedis(t),
	} {
		for _, args := range [][]string{{"config"}, {"config", "--json"}} {
			got := run(t, env(vars, more, []string{"HTTPS_PROXY=http://me:" + url.QueryEscape(canaryWrong) + "@127.0.0.1:1"}), args...)
			seen.WriteString(got.out + got.err)
		}
		for _, args := range [][]string{{"call", "GET", "/employees"}, {"call", "GET", "/nowhere"}, {"token"}, {"token", "--refresh", "--stats", "--store", "redis"}, {"call", "GET", "/employees", "-v", "-i"}, {"token", "-v"}, {"token", "--all"}} {
			for _, format := range []string{"text", "json"} {
				got := run(t, env(vars, more), append(args, "--log-level", "debug", "--log-format", format)...)
				seen.WriteString(got.out + got.err)
			}
		}
	}
	for _, more := range [][]string{nil, {"ADVOWARE_PASSWORD=" + canaryWrong}, {"ADVOWARE_API_KEY=" + key[:len(key)-3] + `"ä`}, {"REDIS_PASSWORD=" + canaryWrong}} {
		for _, form := range []string{"--json", "--short", "--fetch"} {
			got := run(t, env(vars, more), "doctor", form)
			seen.WriteString(got.out + got.err)
		}
	}
	if !strings.Contains(seen.String(), "level=DEBUG") || !strings.Contains(seen.String(), `"level":"DEBUG"`) {
		t.Error("nothing is logged at debug level: the canary is dead")
	}
	secrets := []string{canaryPassword, canaryWrong, canaryRedisPassword, canaryRawKey, key, key[:len(key)-3]}
	for _, r := range fake.RawRequests() {
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			secrets = append(secrets, token, token[:40], token[len(token)-40:])
		}
		var body struct{ HMAC512Signature string }
		if json.Unmarshal(r.Body, &body) == nil && body.HMAC512Signature != "" {
			secrets = append(secrets, body.HMAC512Signature)
		}
	}
	if form, found := leaktest.Find(seen.String(), secrets...); found {
		t.Errorf("shown as %q", form)
	}
	for _, s := range secrets { // the control
		planted := new(bytes.Buffer)
		_ = json.NewEncoder(planted).Encode(map[string]string{"m": seen.String() + s})
		if _, found := leaktest.Find(planted.String(), s); !found {
			t.Errorf("%.10q… is planted, and not found", s)
		}
	}
}
