package offices_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/offices"
	"github.com/advoware-go/advoware/proxy"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func open(t *testing.T, text string, getenv func(string) string, log io.Writer) ([]proxy.Office, error) {
	t.Helper()
	file := write(t, filepath.Join(t.TempDir(), "offices.json"), text)
	served, end, err := offices.Open(t.Context(), offices.Options{File: file, Getenv: getenv, Store: advoware.StoreMemory, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err == nil {
		t.Cleanup(func() {
			if err := end(); err != nil {
				t.Error(err)
			}
		})
	}
	return served, err
}

// Each office has its own credentials, what it does not say is as the environment has it, and
// the tokens are kept apart.
func TestOffices(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	id := fake.Identities()[0]
	id.Kanzlei, id.Database, id.User, id.Password = "Kanzlei Müller & Söhne", "MUELLER", "XY", `pass"wörd`
	if err := fake.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "password"), id.Password+"\n")
	vars := map[string]string{"MUELLER_USER": "XY", "ADVOWARE_TOKEN_KEY": "of_nobody"}
	getenv := func(name string) string {
		if value, ok := vars[name]; ok {
			return value
		}
		return fake.Getenv(name)
	}
	served, err := open(t, "\ufeff"+`{"offices": [
		{"name": "sandbox"},
		{"name": "mueller", "prefix": "/m/", "hosts": ["m.example"], "kanzlei": "Kanzlei Müller & Söhne", "database": "MUELLER",
		 "user": {"env": "MUELLER_USER"}, "password": {"file": "`+dir+`/password"}, "product_id": 64, "read_only": true},
		{"name": "all", "prefix": "/", "api_timeout_seconds": 5}
	]}`, getenv, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []proxy.Office{{Name: "sandbox", Prefix: "/sandbox"}, {Name: "mueller", Prefix: "/m", Hosts: []string{"m.example"}}, {Name: "all"}} {
		if got := served[i]; got.Name != want.Name || got.Prefix != want.Prefix || strings.Join(got.Hosts, " ") != strings.Join(want.Hosts, " ") {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	for i, user := range []string{"sandbox-user", "XY", "sandbox-user"} {
		resp, err := served[i].Client.Do(newRequest(t, "GET", fake.BaseURL()+"api/v1/Echo"))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(string(text), `"User":"`+user+`"`) {
			t.Errorf("%s: %s", served[i].Name, text)
		}
	}
	if _, err := served[1].Client.Do(newRequest(t, "POST", fake.BaseURL()+"api/v1/Echo")); err == nil || !strings.Contains(err.Error(), "only reading") {
		t.Errorf("read_only: %v", err)
	}
	if n := fake.Counts().TokenRequests; n != 3 {
		t.Errorf("%d token requests", n)
	}
}

func newRequest(t *testing.T, method, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// All that is wrong is said at once, by the name of the office, and nothing secret.
func TestProblems(t *testing.T) {
	const secret = "hunter2-hunter2"
	served, err := open(t, `{"offices": [
		{"name": "a", "password": "`+secret+`", "api_key": "`+secret+`!", "product_id": "x", "api_base_url": "http://far.example/"},
		{"name": "b", "user": {"env": "NOT_SET"}},
		{"name": "c", "password": {"file": "none"}},
		{"name": "d", "pasword": "`+secret+`"},
		{"name": "e", "user": null}, {"name": "f", "user": {"file": "x", "env": "y"}}, {"name": "g", "hosts": "x"}, {"name": "h", "token_lifetime_minutes": 5},
		{"name": "Kanzlei Müller"}, {}, {"name": "i", "user": {"env": "`+secret+`"}}, {"name": "a"}, 5
	]}`, func(string) string { return "" }, io.Discard)
	if err == nil {
		t.Fatal(served)
	}
	for _, want := range []string{
		"office a: app_id (or ADVOWARE_APP_ID) is required", "office a: api_key", "office a: product_id", "office a: api_base_url", "office b: offices[1].user is to be in the variable NOT_SET, which is not set", "offices[10].user has an env that is no name of a variable",
		`office c: offices[2].password is to be in the file "none", which cannot be read`, "office d: offices[3].pasword is not known", "office e: offices[4].user must be a text", "either file or env",
		"hosts must be an array", "token_lifetime_minutes is not known", "name must be 1 to 63 letters", "offices[9]: name is required", "office a: name is there twice", "offices[12]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is said of: %s", want)
		}
	}
	if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	for text, why := range map[string]string{
		"": "not JSON", "[]": "one object", "{}": "no offices", `{"offices": []}`: "1 to 10000", `{"offices": [{}], "more": 1}`: "more is not known", `{"offices": 5}`: "an array", `{"offices": [{"name": "a"}`: "JSON",
	} {
		if _, err := open(t, text, func(string) string { return "" }, io.Discard); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want something about: %s", text, err, why)
		}
	}
	if _, _, err := offices.Open(t.Context(), offices.Options{File: filepath.Join(t.TempDir(), "none"), Logger: slog.Default()}); err == nil {
		t.Error("a file that is not there")
	}
}

// Two offices with one token would replace each other's.
func TestTokensAreKeptApart(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	_, err := open(t, `{"offices": [{"name": "a", "token_key": "x"}, {"name": "b", "token_key": "x"}]}`, fake.Getenv, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "office b: token_key is that of office a") {
		t.Error(err)
	}
}

// A file with secrets that others can read is worth a warning.
func TestFileThatOthersCanRead(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	for text, warned := range map[string]bool{`{"offices": [{"name": "a", "password": "sandbox-password"}]}`: true, `{"offices": [{"name": "a"}]}`: false} {
		var log strings.Builder
		file := filepath.Join(t.TempDir(), "offices.json")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, end, err := offices.Open(t.Context(), offices.Options{File: file, Getenv: fake.Getenv, Store: advoware.StoreMemory, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_ = end()
		if strings.Contains(log.String(), "chmod 600") != warned {
			t.Errorf("%s: %s", text, log.String())
		}
	}
}
