package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// three starts a fake with three Kanzleien, and returns the environment of a program that
// calls them.
func three(t *testing.T) (*clienttest.Server, []string) {
	t.Helper()
	fake := clienttest.Start(t, clienttest.Options{})
	env := exampletest.Env(fake)
	for name, kanzlei := range map[string]string{"A": "Müller & Söhne", "B": "kanzlei-b", "C": "kanzlei-c"} {
		id := fake.Identities()[0]
		id.Kanzlei, id.User, id.Password = kanzlei, "U"+name, "password-of-"+name
		if err := fake.AddIdentity(id); err != nil {
			t.Fatal(err)
		}
		env = append(env, name+"_PASSWORD="+id.Password)
	}
	return fake, env
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "offices.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const offices = `[
	{"name": "a", "kanzlei": "Müller & Söhne", "database": "SANDBOX", "user": "UA", "password_env": "A_PASSWORD"},
	{"name": "b", "kanzlei": "kanzlei-b", "database": "SANDBOX", "user": "UB", "password_env": "B_PASSWORD"},
	{"name": "c", "kanzlei": "kanzlei-c", "database": "SANDBOX", "user": "UC", "password_env": "C_PASSWORD"}
]`

func TestEachHasATokenOfItsOwn(t *testing.T) {
	fake, env := three(t)
	r := exampletest.Run(t, env, file(t, strings.ReplaceAll(offices, "SANDBOX", fake.Options().Database)))
	if r.Status != 0 || strings.Count(r.Stdout, " employees\n") != 3 || fake.Counts().TokenRequests != 3 {
		t.Errorf("status %d, %d token requests\n%s%s", r.Status, fake.Counts().TokenRequests, r.Stdout, r.Stderr)
	}
}

func TestOneIsRefused(t *testing.T) {
	fake, env := three(t)
	env = append(env, "B_PASSWORD=wrong-one")
	r := exampletest.Run(t, env, file(t, strings.ReplaceAll(offices, "SANDBOX", fake.Options().Database)))
	if r.Status != 1 || strings.Count(r.Stdout, " employees\n") != 2 || !strings.Contains(r.Stderr, "offices: b: ") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	if strings.Contains(r.Stderr, "wrong-one") {
		t.Error("a password is printed")
	}
}

func TestWrongFiles(t *testing.T) {
	_, env := three(t)
	for _, c := range []struct{ text, want string }{
		{`[]`, "no office"},
		{`[{"name": "a", "kanzlie": "x"}]`, "kanzlie"},
		{`[{"name": "a", "kanzlei": "x", "database": "D", "user": "U", "password_env": "NO_SUCH_PASSWORD"}]`, "a: advoware: environment: ADVOWARE_PASSWORD is required"},
		{strings.ReplaceAll(offices, `"name": "b"`, `"name": "a"`), "a: advoware: "}, // two of one name
	} {
		if r := exampletest.Run(t, env, file(t, c.text)); r.Status != 1 || !strings.Contains(r.Stderr, c.want) {
			t.Errorf("%s: status %d: %s", c.text, r.Status, r.Stderr)
		}
	}
	if r := exampletest.Run(t, env); r.Status != 2 {
		t.Errorf("without a file: status %d", r.Status)
	}
}
