package redis_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redistest"
)

// documented returns the ACL line of docs/redis.md.
func documented(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ACL SETUSER advoware reset .*$`).FindString(string(text))
	if line == "" {
		t.Fatal("docs/redis.md has no ACL line")
	}
	return strings.Fields(strings.Replace(line, ">PASSWORD", ">"+canary, 1))
}

func as(srv *redistest.Server) string { return "redis://advoware:" + canary + "@" + srv.Addr() }

func TestDocumentedRights(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do(documented(t)...)
	healthy(t, look(t, at(as(srv))))
	if log := fmt.Sprint(srv.Do("ACL", "LOG")); log != "[]" {
		t.Errorf("the server logs a denial: %s", log)
	}
}

// Each command of the line is missed by its name, be it that the server says so or that it is
// found out without scripts, and no other one is.
func TestEachCommandIsMissed(t *testing.T) {
	t.Parallel()
	line := documented(t)
	for _, how := range []string{"said", "tried"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			for _, right := range line {
				name, ok := strings.CutPrefix(right, "+")
				if !ok || name == "select" { // is missed when it is reached
					continue
				}
				srv.Do(line...)
				missing := map[string]bool{name: true}
				srv.Do("ACL", "SETUSER", "advoware", "-"+name)
				if how == "tried" {
					srv.Do("ACL", "SETUSER", "advoware", "-eval")
					missing["eval"] = true
				}
				if name == "exec" && how == "tried" {
					delete(missing, "multi") // is not tried without it
				}
				found := look(t, at(as(srv)))
				for _, c := range found {
					if c.Name != "rights" {
						continue
					}
					named, _, _ := strings.Cut(c.Saw, " is not permitted")
					if !missing[named] || !strings.Contains(c.Hint, "+"+named+" ") || c.Status == check.OK || (c.Status == check.Failure) != (named == "pttl") {
						t.Errorf("without %s: %+v", name, c)
					}
					delete(missing, named)
				}
				if len(missing) > 0 {
					t.Errorf("without %s: %v is not named", name, missing)
				}
			}
		})
	}
}

func TestKeysAreMissed(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, eval := range []string{"+eval", "-eval"} {
		for _, keys := range [][]string{{"~" + key}, {"~{" + key + "}:*"}, {"~advoware_token_timestamp"}} {
			srv.Do(documented(t)...)
			srv.Do("ACL", "SETUSER", "advoware", "resetkeys", eval)
			for _, other := range []string{"~" + key, "~{" + key + "}:*", "~advoware_token_timestamp"} {
				if other != keys[0] {
					srv.Do("ACL", "SETUSER", "advoware", other)
				}
			}
			want(t, look(t, at(as(srv))), "rights", check.Warning, "the keys "+keys[0]+" are not permitted", "ACL SETUSER NAME "+keys[0])
		}
	}
	srv.Do("ACL", "SETUSER", "advoware", "resetkeys", "+eval")
	want(t, look(t, at(as(srv))), "rights", check.Warning, "none of the keys of a token", "~{"+key+"}:*")
	want(t, look(t, at(as(srv))), "identity", check.Skipped, "NOPERM", "")
}

func TestPushesAreMissed(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "default", "-client|tracking")
	want(t, look(t, at("redis://"+srv.Addr())), "pushes", check.Warning, "does not push", "+client|tracking")
}

// Renamed commands are no matter of rights.
func TestCommandThatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t, "--rename-command", "EVALSHA", "")
	want(t, look(t, at("redis://"+srv.Addr())), "rights", check.Warning, "does not know evalsha", "rename-command")
	srv = redistest.Start(t, "--rename-command", "EVAL", "")
	want(t, look(t, at("redis://"+srv.Addr())), "rights", check.Warning, "does not know eval", "rename-command")
}
