package main_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestWrongUsage(t *testing.T) {
	call := func(args ...string) []string { return append([]string{"call", "--sandbox"}, args...) }
	for name, c := range map[string]struct {
		args []string
		word string
	}{
		"nothing":             {nil, "see advoware help"},
		"unknown command":     {[]string{"fetch"}, "fetch"},
		"unknown help":        {[]string{"help", "fetch"}, "fetch"},
		"no method":           {call(), "<method>"},
		"no endpoint":         {call("GET"), "<endpoint>"},
		"too many arguments":  {call("GET", "/employees", "/more"), "/more"},
		"unknown flag":        {call("GET", "/employees", "--loud"), "--loud"},
		"flag of another":     {[]string{"token", "--repeat", "2"}, "--repeat"},
		"param without =":     {call("GET", "/employees", "-q", "limit"), "limit"},
		"header without :":    {call("GET", "/employees", "-H", "X-A"), "--header"},
		"header name":         {call("GET", "/employees", "-H", "X A: b"), "--header"},
		"header injection":    {call("GET", "/employees", "-H", "X-A: b\r\nX-B: c"), "--header"},
		"not JSON":            {call("POST", "/appointments", "-d", "{datum: 1}"), "--data is not JSON: byte 2 of 10"},
		"empty data":          {call("POST", "/appointments", "-d", ""), "--data is not JSON: it is empty"},
		"half of the data":    {call("POST", "/appointments", "-d", `{"datum":`), "--data is not JSON: it breaks off"},
		"two values":          {call("POST", "/appointments", "-d", "{} {}"), "--data is not JSON: byte 4 of 5"},
		"no such file":        {call("POST", "/appointments", "-d", "@no/such/file"), "no/such/file"},
		"bad timeout":         {call("GET", "/employees", "--timeout", "fast"), "--timeout"},
		"negative timeout":    {call("GET", "/employees", "--timeout", "-1s"), "--timeout"},
		"no repetitions":      {call("GET", "/employees", "--repeat", "0"), "--repeat"},
		"no concurrency":      {call("GET", "/employees", "--concurrency", "0"), "--concurrency"},
		"data twice":          {call("POST", "/appointments", "-d", "{}", "--data", "{}"), "--data is given twice"},
		"data joined twice":   {call("POST", "/appointments", "-d{}", "-d", "{}"), "--data is given twice"},
		"timeout twice":       {call("GET", "/employees", "--timeout", "1s", "--timeout=1s"), "--timeout is given twice"},
		"store twice":         {call("GET", "/employees", "--store", "memory", "--store", "memory"), "--store is given twice"},
		"addr twice":          {[]string{"sandbox", "--addr", "127.0.0.1:0", "--addr", "127.0.0.1:0"}, "--addr is given twice"},
		"unknown store":       {call("GET", "/employees", "--store", "disk"), "disk"},
		"unknown level":       {call("GET", "/employees", "--log-level", "loud"), "loud"},
		"unknown format":      {call("GET", "/employees", "--log-format", "xml"), "xml"},
		"endpoint is a URL":   {call("GET", "https://elsewhere.example/"), "URL"},
		"endpoint fragment":   {call("GET", "/employees#1"), "fragment"},
		"no method at all":    {call("", "/employees"), "the method is empty"},
		"impossible method":   {call("G T", "/employees"), "method"},
		"sandbox everywhere":  {[]string{"sandbox", "--addr", "0.0.0.0:0"}, "loopback"},
		"sandbox nowhere":     {[]string{"sandbox", "--addr", "nowhere"}, `--addr "nowhere" is not of the form HOST:PORT`},
		"sandbox port":        {[]string{"sandbox", "--addr", "127.0.0.1:65536"}, "--addr 127.0.0.1:65536: "},
		"data in Latin-1":     {call("POST", "/appointments", "-d", "\"M\xfcller\""), "argument 6 is not UTF-8"},
		"header in Latin-1":   {call("GET", "/employees", "-H", "X: M\xfcller"), "argument 6 is not UTF-8"},
		"path in Latin-1":     {call("GET", "/M\xfcller"), "argument 4 is not UTF-8"},
		"file in Latin-1":     {[]string{"--env-file", "M\xfcller", "version"}, "argument 2 is not UTF-8"},
		"sandbox in the past": {[]string{"sandbox", "--latency", "-1s"}, "--latency"},
	} {
		t.Run(name, func(t *testing.T) { run(t, nil, c.args...).wantFailure(t, 2, c.word) })
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, c := range []struct{ args, words string }{
		{"help", "call token sandbox version help"},
		{"--help", "call token sandbox version help"},
		{"-h", "call token sandbox version help"},
		{"help call", "<method> <endpoint> --param --header --data --timeout --repeat --concurrency --store --sandbox --log-level --log-format --stats"},
		{"call --help", "<method> <endpoint> --param"},
		{"help token", "--reveal --refresh --store --sandbox --log-level --log-format"},
		{"help sandbox", "--addr --token-latency --latency"},
		{"help version", "version"},
		{"version", "advoware go1."},
	} {
		t.Run(c.args, func(t *testing.T) {
			got := run(t, nil, strings.Fields(c.args)...)
			got.wantQuiet(t)
			for word := range strings.FieldsSeq(c.words) {
				if !strings.Contains(got.out, word) {
					t.Errorf("%q is not in\n%s", word, got.out)
				}
			}
		})
	}
}

func TestMissingVariablesAreNamedTogether(t *testing.T) {
	for _, args := range [][]string{{"call", "GET", "/employees"}, {"token"}} {
		run(t, nil, args...).wantFailure(t, 2, "ADVOWARE_APP_ID", "ADVOWARE_API_KEY", "ADVOWARE_KANZLEI",
			"ADVOWARE_DATABASE", "ADVOWARE_USER", "ADVOWARE_PASSWORD")
	}
}

func TestMalformedVariablesAreNamedTogether(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	const secret = "geheim-und-lang-genug"
	got := run(t, append(fake.Env(),
		"ADVOWARE_API_BASE_URL=http://api.example/", "ADVOWARE_TOKEN_URL=http://me:"+secret+"@127.0.0.1/",
		"ADVOWARE_API_KEY="+secret, "ADVOWARE_PASSWORD="+secret+"\xff", "ADVOWARE_ROLE=two", "REDIS_PORT=x",
		"REDIS_PASSWORD="+secret, "REDIS_HOST=redis.example",
	), "call", "GET", "/employees")
	got.wantFailure(t, 2, "ADVOWARE_API_BASE_URL", "ADVOWARE_ALLOW_INSECURE", "ADVOWARE_TOKEN_URL", "ADVOWARE_API_KEY",
		"ADVOWARE_PASSWORD", "ADVOWARE_ROLE", "REDIS_PORT", "REDIS_HOST", "REDIS_TLS", "REDIS_ALLOW_REMOTE")
	if strings.Contains(got.err, secret) {
		t.Errorf("a secret is shown: %q", got.err)
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests", n)
	}
}
