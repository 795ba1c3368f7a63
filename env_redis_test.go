package advoware_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
)

func TestRedisURLProblems(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		vars string // NAME=value, separated by spaces
		want string // the variables that have a problem, in their order
		text string
	}{
		// Two that say different things are named both.
		{"REDIS_URL=redis://localhost REDIS_HOST=127.0.0.1", "REDIS_HOST", "REDIS_URL"},
		{"REDIS_URL=redis://localhost:1 REDIS_PORT=2", "REDIS_PORT", "REDIS_URL"},
		{"REDIS_URL=redis://localhost/2 REDIS_DB_ADVOWARE_CACHE=3", "REDIS_DB_ADVOWARE_CACHE", "REDIS_URL"},
		{"REDIS_URL=redis://a:b@localhost REDIS_USERNAME=c REDIS_PASSWORD=d", "REDIS_USERNAME REDIS_PASSWORD", "REDIS_URL"},
		{"REDIS_URL=redis://localhost?master_name=m&username=a&password=b REDIS_USERNAME=c REDIS_PASSWORD=d", "REDIS_USERNAME REDIS_PASSWORD", "REDIS_URL"},
		{"REDIS_URL=redis://localhost REDIS_TLS=true", "REDIS_TLS", "rediss://"},
		{"REDIS_URL=unix:///s REDIS_TLS=true REDIS_HOST=/t REDIS_PORT=1", "REDIS_HOST REDIS_PORT REDIS_TLS", "REDIS_URL"},
		// What says the same, or has its default, says nothing.
		{"REDIS_URL=rediss://example.com:7/2 REDIS_HOST=localhost REDIS_PORT=6379 REDIS_DB_ADVOWARE_CACHE=1 REDIS_TLS=false", "", ""},
		{"REDIS_URL=redis://:b@localhost:7/2 REDIS_HOST=localhost REDIS_PORT=7 REDIS_DB_ADVOWARE_CACHE=2 REDIS_USERNAME=a REDIS_PASSWORD=b", "", ""},
		{"REDIS_URL=redis://sentinels:only@localhost?master_name=m REDIS_USERNAME=c REDIS_PASSWORD=d", "", ""},
		// A Cluster has one database.
		{"REDIS_URL=redis://localhost/1?addr=localhost:1", "REDIS_URL", "has only 0"},
		{"REDIS_URL=redis://localhost?addr=localhost:1 REDIS_DB_ADVOWARE_CACHE=2", "REDIS_DB_ADVOWARE_CACHE", "only"},
		// Nobody listens on the way.
		{"REDIS_HOST=redis.example REDIS_URL=", "REDIS_HOST", "set REDIS_TLS, or allow it by REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://redis.example", "REDIS_URL", "use rediss://, or allow it by REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://localhost?master_name=m&addr=192.0.2.1:1", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://localhost?addr=redis.example:1", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=rediss://redis.example?skip_verify=true", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=rediss://redis.example?skip_verify=true REDIS_ALLOW_REMOTE=true", "", ""},
		{"REDIS_URL=rediss://redis.example?addr=redis.example:1", "", ""},
		{"REDIS_URL=redis://localhost?addr=redis.example:1 REDIS_ALLOW_REMOTE=true", "", ""},
		// A host that Kubernetes has set comes from REDIS_PORT, and nothing else does.
		{"REDIS_PORT=tcp://192.0.2.1:6379", "REDIS_PORT", "set REDIS_TLS"},
		{"REDIS_PORT=tcp://192.0.2.1:6379 REDIS_ALLOW_REMOTE=true REDIS_TLS_CA_FILE=" + dir + "/absent", "REDIS_TLS_CA_FILE", "REDIS_TLS"},
		{"REDIS_PORT=tcp://127.0.0.1:0", "REDIS_PORT", "from 1 to 65535"},
		{"REDIS_PORT=tcp://127.0.0.1", "REDIS_PORT", "from 1 to 65535"},
		{"REDIS_PORT=tcp://127.0.0.1:70000", "REDIS_PORT", "not a whole number from 1 to 65535"},
		{"REDIS_PORT=tcp://127.0.0.1:1", "", ""},
		{"REDIS_PORT=tcp://127.0.0.1:0 REDIS_HOST=redis.example", "REDIS_PORT REDIS_HOST", "set REDIS_TLS"},
		{"REDIS_PORT=tcp://127.0.0.1:1 REDIS_HOST=redis.example", "REDIS_HOST", "set REDIS_TLS"},
		{"REDIS_URL=redis://localhost REDIS_HOST=127.0.0.1 REDIS_PORT=tcp://192.0.2.1:6379", "REDIS_HOST", "REDIS_URL"},
		// What go-redis does not understand, or we do not want.
		{"REDIS_URL=http://localhost", "REDIS_URL", "redis://host:6379/1, with TLS rediss://…"},
		{"REDIS_URL=redis://localhost:0", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost:65536/2", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost?master_name=m&addr=localhost:99999", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost/x", "REDIS_URL", "invalid database number"},
		{"REDIS_URL=redis://localhost/-1", "REDIS_URL", "negative"},
		{"REDIS_URL=redis://localhost?pool_sise=1", "REDIS_URL", "pool_sise"},
		{"REDIS_URL=redis://localhost?master_name=", "REDIS_URL", "master_name"},
		{"REDIS_URL=redis://localhost?master_name=m&replica_only=true", "REDIS_URL", "replica_only"},
		{"REDIS_URL=redis://localhost?master_name=m&route_randomly=true", "REDIS_URL", "route_randomly"},
		{"REDIS_URL=redis://a:1#b@localhost", "REDIS_URL", "written %XX"},
		{"REDIS_URL=unix://", "REDIS_URL", "empty unix socket path"},
		{"REDIS_HOST=redis://localhost", "REDIS_HOST", "neither a host"},
		// Certificates.
		{"REDIS_TLS=true REDIS_TLS_CA_FILE=" + dir + "/absent", "REDIS_TLS_CA_FILE", "no such file"},
		{"REDIS_TLS=true REDIS_TLS_CA_FILE=" + junk, "REDIS_TLS_CA_FILE", "PEM"},
		{"REDIS_TLS=true REDIS_TLS_CERT_FILE=" + junk, "REDIS_TLS_KEY_FILE", "REDIS_TLS_CERT_FILE"},
		{"REDIS_TLS=true REDIS_TLS_KEY_FILE=" + junk, "REDIS_TLS_CERT_FILE", "REDIS_TLS_KEY_FILE"},
		{"REDIS_TLS=true REDIS_TLS_KEY_FILE=" + junk + " REDIS_TLS_CERT_FILE=" + junk, "REDIS_TLS_CERT_FILE REDIS_TLS_KEY_FILE", "no private key"},
		{"REDIS_TLS_CA_FILE=x REDIS_TLS_CERT_FILE=y REDIS_TLS_KEY_FILE=z REDIS_TLS_SERVER_NAME=n",
			"REDIS_TLS_CA_FILE REDIS_TLS_CERT_FILE REDIS_TLS_KEY_FILE REDIS_TLS_SERVER_NAME", "set REDIS_TLS, or have REDIS_URL begin with rediss://"},
		{"REDIS_TLS=true REDIS_HOST=/s", "REDIS_TLS", "REDIS_HOST"},
		// All at once.
		{"REDIS_URL=redis://redis.example/2 REDIS_PORT=x REDIS_HOST=h REDIS_DB_ADVOWARE_CACHE=3 REDIS_TLS_CA_FILE=x",
			"REDIS_PORT REDIS_DB_ADVOWARE_CACHE REDIS_HOST REDIS_TLS_CA_FILE REDIS_URL", ""},
	} {
		t.Run(c.vars, func(t *testing.T) {
			vars := required()
			for _, pair := range strings.Fields(c.vars) {
				name, value, _ := strings.Cut(pair, "=")
				vars[name] = value
			}
			_, err := read(vars, advoware.StoreTiered)
			var got []string
			if err != nil {
				for _, p := range err.(*advoware.EnvError).Problems {
					got = append(got, p.Variable)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("-want +got:\n%s\n%v", diff, err)
			}
			if c.text != "" && (err == nil || !strings.Contains(err.Error(), c.text)) {
				t.Errorf("%v does not say %q", err, c.text)
			}
			if err != nil && strings.Contains(err.Error(), "Redis.") {
				t.Errorf("%v speaks of a field", err)
			}
		})
	}
}

// A password with characters that belong elsewhere in a URL must not be quoted back in
// the error about it.
func TestRedisURLErrorsShowNoPassword(t *testing.T) {
	const tail = "zwei" // the password is a number or a word, a character, and this
	for _, sign := range []string{"/", "?", "#", "@", ":", "%", " ", "\n", "[", "&", ";", "/x?", "?pool_size=1&", "%40", "?a=%zz", "é"} {
		for _, form := range []string{
			"redis://user:%s@localhost:6379/x",
			"redis://user:%s@localhost:port/1",
			"redis://%s@localhost:6379?pool_sise=1",
			"redis://:%s@localhost:6379/1?master_name=m&pool_sise=1",
			"redis://localhost:6379/x?master_name=m&password=%s@",
			"redis://user:%s@localhost?addr=u:%[1]s@localhost:1",
			"user:%s@localhost:6379",
			"%s",
		} {
			for _, head := range []string{"hunter", "4711"} {
				url := fmt.Sprintf(form, head+sign+tail)
				vars := required()
				vars["REDIS_URL"] = url
				_, err := read(vars, advoware.StoreTiered)
				if err == nil || strings.Contains(err.Error(), head) || strings.Contains(err.Error(), tail) {
					t.Errorf("%q: %v", url, err)
				}
			}
		}
	}
}

func TestSealKeysFromTheEnvironment(t *testing.T) {
	first, _ := sealKey(t, "a")
	second, _ := sealKey(t, "b")
	read := func(vars ...string) (advoware.Config, error) {
		vals := map[string]string{
			"ADVOWARE_APP_ID": "app", "ADVOWARE_API_KEY": "YQ==", "ADVOWARE_KANZLEI": "1", "ADVOWARE_DATABASE": "db",
			"ADVOWARE_USER": "u", "ADVOWARE_PASSWORD": "p", "ADVOWARE_TOKEN_KEY": "sealed_token",
		}
		for i := 0; i < len(vars); i += 2 {
			vals[vars[i]] = vars[i+1]
		}
		return advoware.ReadEnv(func(name string) string { return vals[name] }, advoware.StoreTiered)
	}
	if cfg, err := read("ADVOWARE_TOKEN_SEAL_KEYS", first+", "+second); err != nil || len(cfg.SealKeys) != 2 {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	if cfg, err := read(); err != nil || cfg.SealKeys != nil {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	for _, tt := range []struct {
		name string
		vars []string
	}{
		{"ADVOWARE_TOKEN_SEAL_KEYS", []string{"ADVOWARE_TOKEN_SEAL_KEYS", first + ",geheim"}},
		{"ADVOWARE_TOKEN_KEY", []string{"ADVOWARE_TOKEN_SEAL_KEYS", first, "ADVOWARE_TOKEN_KEY", ""}},
		{"ADVOWARE_TOKEN_KEY", []string{"ADVOWARE_TOKEN_SEAL_KEYS", first, "ADVOWARE_TOKEN_KEY", advoware.DefaultTokenKey}},
	} {
		name, vars := tt.name, tt.vars
		_, err := read(vars...)
		var wrong *advoware.EnvError
		if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Variable != name {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(fmt.Sprint(err), "geheim") || strings.Contains(fmt.Sprint(err), first) {
			t.Errorf("a key is shown: %v", err)
		}
	}
}
