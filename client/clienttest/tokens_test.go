package clienttest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestTokenIsIssuedAndAccepted(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	a, b := fetch(t, s), fetch(t, s)
	if a == b {
		t.Error("the same token twice")
	}
	for _, token := range []string{a, b} { // a new token does not end the old one
		call(t, s, token, "GET", "/employees", "").wants(t, http.StatusOK)
	}
}

// With a seed, what a test prints is the same in each run.
func TestSeedDecides(t *testing.T) {
	run := func(seed uint64) (tokens []string, rest string) {
		s := clienttest.Start(t, clienttest.Options{Seed: seed})
		for range 2 {
			tokens = append(tokens, fetch(t, s), s.Issue())
		}
		r := call(t, s, tokens[0], "GET", "/api/v1/Akten", "")
		created := call(t, s, tokens[0], "POST", "/appointments", `{"datum":"2031-02-10","text":"x"}`)
		return tokens, r.Header.Get("X-Request-Id") + r.text + created.text
	}
	for _, test := range []struct {
		a, b       uint64
		sameTokens bool
	}{{7, 7, true}, {7, 8, false}, {0, 0, false}} {
		tokens, rest := run(test.a)
		others, otherRest := run(test.b)
		all := slices.Concat(tokens, others)
		slices.Sort(all)
		if different := len(slices.Compact(all)); slices.Equal(tokens, others) != test.sameTokens || different != 4 && test.sameTokens || different != 8 && !test.sameTokens {
			t.Errorf("seeds %d and %d: %d different tokens", test.a, test.b, different)
		}
		if test.a == test.b && rest != otherRest {
			t.Errorf("seeds %d and %d: %.200s\n%.200s", test.a, test.b, rest, otherRest)
		}
	}
}

// Computed with Python's hmac, so that test and fake cannot be wrong together.
func TestGoldenSignature(t *testing.T) {
	key := "a2V5" // "key"
	at, _ := time.Parse(time.RFC3339Nano, "2026-02-07T09:23:49.123456Z")
	s := clienttest.Start(t, clienttest.Options{
		AppID: "Müller:App", APIKey: key, Product: 64, TimestampWindow: -1,
	})
	body := credentials(sandbox(s), at)
	body["Nonce"] = "8d7f1f7e-3c0a-4b52-9f0e-6a3b0a6f2c11"
	body["RequestTimeStamp"] = "2026-02-07T09:23:49.123456Z"
	body["HMAC512Signature"] = "vMijyDq6Cv0XPwGccN/JqODZNl4+xZ88Py62bIgWYlnBz1lV4kcxP8m5ZrKI9geJUC0O0RTA5JPuUIWXEhZCxQ=="
	askToken(t, s, toJSON(body)).wants(t, http.StatusOK)
}

func TestTokenRequestFields(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	set := func(field string, value any) func(map[string]any) {
		return func(b map[string]any) { b[field] = value }
	}
	type test struct {
		change func(map[string]any)
		status int
		field  string
	}
	tests := map[string]test{
		"unknown field":    {set("Client", "x"), 400, "Client"},
		"wrong case":       {func(b map[string]any) { b["appid"] = b["AppID"]; delete(b, "AppID") }, 400, "appid"},
		"role as text":     {set("Role", "2"), 400, "Role"},
		"product fraction": {set("Product", 64.5), 400, "Product"},
		"null":             {set("User", nil), 400, "User"},
		"number as text":   {set("Kanzlei", 7), 400, "Kanzlei"},
		"no nonce":         {set("Nonce", ""), 400, "Nonce"},
		"nonce too long":   {set("Nonce", strings.Repeat("ü", 64)+"x"), 400, "Nonce"},
		"nonce a number":   {set("Nonce", 17), 400, "Nonce"},

		"app":                      {set("AppID", "other"), 401, "AppID"},
		"product":                  {set("Product", 1), 401, "Product"},
		"kanzlei":                  {set("Kanzlei", "other"), 401, "Kanzlei"},
		"database":                 {set("Database", "other"), 401, "Database"},
		"user":                     {set("User", "other"), 401, "User"},
		"password":                 {set("Password", "other"), 401, "Password"},
		"role":                     {set("Role", 3), 401, "Role"},
		"signature":                {set("HMAC512Signature", "bm90IGl0"), 401, "HMAC512Signature"},
		"no signature":             {set("HMAC512Signature", ""), 401, "HMAC512Signature"},
		"signed for another nonce": {func(b map[string]any) { b["Nonce"] = uuid4() }, 401, "HMAC512Signature"},
	}
	for field := range credentials(sandbox(s), time.Now()) {
		tests["without "+field] = test{func(b map[string]any) { delete(b, field) }, 400, field}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := credentials(sandbox(s), time.Now())
			test.change(body)
			askToken(t, s, toJSON(body)).blames(t, test.status, test.field)
		})
	}
	if got := s.Counts(); got.TokensIssued != 0 || got.TokensRefused != len(tests) || got.TokenRequests != len(tests) {
		t.Errorf("%d requests counted as %+v", len(tests), got)
	}
}

func TestTokenRequestSyntax(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	right := toJSON(credentials(sandbox(s), time.Now()))
	for name, body := range map[string]string{
		"empty":    "",
		"no JSON":  "AppID=x",
		"array":    "[" + right + "]",
		"null":     "null",
		"cut":      right[:len(right)-1],
		"trailing": right + right,
	} {
		t.Run(name, func(t *testing.T) { askToken(t, s, body).blames(t, 400, "") })
	}
	t.Run("twice", func(t *testing.T) {
		askToken(t, s, strings.Replace(right, "{", `{"Role":2,`, 1)).blames(t, 400, "Role")
	})
	t.Run("as it should be", func(t *testing.T) { askToken(t, s, right).wants(t, 200) })
}

func TestTokenEndpointHTTP(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	right := func() string { return toJSON(credentials(sandbox(s), time.Now())) }

	get := send(t, s, "GET", "/api/v1/Token", "")
	get.wants(t, http.StatusMethodNotAllowed)
	if allow := get.Header.Get("Allow"); allow != "POST" {
		t.Errorf("Allow: %q", allow)
	}
	send(t, s, "POST", "/api/v1/Token", right()).blames(t, 415, "Content-Type")
	send(t, s, "POST", "/api/v1/Token", right(), "Content-Type: text/plain").blames(t, 415, "Content-Type")
	send(t, s, "POST", "/api/v1/Token", right(), "Content-Type: application/json; charset=utf-8").wants(t, 200)

	body := right()
	askToken(t, s, body+strings.Repeat(" ", 64<<10-len(body))).wants(t, 200)
	askToken(t, s, right()+strings.Repeat(" ", 64<<10)).wants(t, http.StatusRequestEntityTooLarge)
}

func TestNonceIsUsedUpByArriving(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	id := sandbox(s)
	again := func(body map[string]any) {
		t.Helper()
		sign(body, id.APIKey)
		askToken(t, s, toJSON(body)).blames(t, 400, "Nonce")
	}
	body := credentials(id, time.Now())
	askToken(t, s, toJSON(body)).wants(t, 200)
	again(body)
	body["Nonce"] = strings.ToUpper(body["Nonce"].(string))
	again(body)

	refused := credentials(id, time.Now().Add(-time.Hour))
	askToken(t, s, toJSON(refused)).wants(t, 401)
	refused["RequestTimeStamp"] = time.Now().UTC().Format(time.RFC3339)
	again(refused)

	failed := credentials(id, time.Now())
	s.Inject(clienttest.Fault{Status: 503})
	askToken(t, s, toJSON(failed)).wants(t, 503)
	again(failed)
}

// Programs in use send all kinds of nonces (the vendor's calendar program PHP's
// uniqid), each of them once.
func TestAnyNonceOnce(t *testing.T) {
	lenient, strict := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{Strict: true})
	for nonce, uuid := range map[string]bool{
		"6989a1f2c0ffe":                         false,
		"6989A1F2C0FFE":                         false, // not the same as above
		"1":                                     false,
		" ":                                     false,
		"a:b:c":                                 false,
		"Grüße/\"\\<&>\x00":                     false,
		strings.Repeat("x", 128):                false,
		"8d7f1f7e-3c0a-4b52-9f0e-6a3b0a6f2c11":  true,
		"8d7f1f7e-3c0a-1b52-9f0e-6a3b0a6f2c11":  false, // version 1
		"8d7f1f7e-3c0a-4b52-cf0e-6a3b0a6f2c11":  false, // another variant
		"9d7f1f7e-3c0a-4b52-9f0e-6a3b0a6f2c11 ": false,
	} {
		for s, ok := range map[*clienttest.Server]bool{lenient: true, strict: uuid} {
			body := credentials(sandbox(s), time.Now())
			body["Nonce"] = nonce
			sign(body, s.Options().APIKey)
			r := askToken(t, s, toJSON(body))
			if !ok {
				r.blames(t, 400, "Nonce")
				continue
			}
			r.wants(t, 200)
			askToken(t, s, toJSON(body)).blames(t, 400, "Nonce")
		}
	}
}

func TestPasswordIsNotEchoed(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Password: "geheim-4711"})
	for _, change := range []func(map[string]any){
		func(b map[string]any) { b["User"] = "other" },
		func(b map[string]any) { b["Role"] = "2" },
		func(b map[string]any) {},
	} {
		body := credentials(sandbox(s), time.Now())
		change(body)
		if r := askToken(t, s, toJSON(body)); strings.Contains(r.text, "geheim") {
			t.Errorf("status %d: %s", r.StatusCode, r.text)
		}
	}
}

func TestAddIdentity(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	other := sandbox(s)
	other.Kanzlei, other.User, other.Password = "Kanzlei Süd", "björn", `p"ß\:<>&`
	ask := func() reply { return askToken(t, s, toJSON(credentials(other, time.Now()))) }
	ask().blames(t, 401, "Kanzlei")
	if err := s.AddIdentity(other); err != nil {
		t.Fatal(err)
	}
	if all := s.Identities(); !slices.Equal(all, []clienttest.Identity{sandbox(s), other}) {
		t.Errorf("%+v", all)
	}
	r := ask()
	r.wants(t, 200)
	who := func(token string) any {
		return call(t, s, token, "GET", "/api/v1/Echo", "").json["identity"].(map[string]any)["Kanzlei"]
	}
	if got := who(r.json["access_token"].(string)); got != "Kanzlei Süd" {
		t.Errorf("the new token belongs to %v", got)
	}
	if got := who(fetch(t, s)); got != "sandbox-kanzlei" {
		t.Errorf("the sandbox token belongs to %v", got)
	}

	// Fields of two identities do not make a third.
	mixed := other
	mixed.Password = sandbox(s).Password
	askToken(t, s, toJSON(credentials(mixed, time.Now()))).blames(t, 401, "Password")

	for name, key := range map[string]string{"empty": "", "no padding": "YQ", "URL alphabet": "-_-_", "blank": " "} {
		bad := other
		bad.APIKey = key
		if s.AddIdentity(bad) == nil {
			t.Errorf("%s: API key %q was taken", name, key)
		}
	}
}
