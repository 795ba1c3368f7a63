package link_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// warned makes a call with the default bounds and returns the warning that Redis is away.
func warned(t *testing.T, fake *clienttest.Server, pairs ...string) string {
	t.Helper()
	vars := make(map[string]string)
	for _, pair := range append(fake.Env(), pairs...) {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	cfg, err := read(vars, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	var log records
	cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := open(t, cfg)
	mustCall(t, c)
	waitUntil(t, "there is a warning", func() bool { return strings.Contains(log.String(), "level=WARN") })
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, log.String())
	}
	return log.String()
}

// The one warning of an outage says what is wrong, however soon the calls go on.
func TestWarningNamesTheReason(t *testing.T) {
	t.Parallel()
	ca, another, fake := redistest.NewCA(t), redistest.NewCA(t), newFake(t, clienttest.Options{})
	plain, secure := redistest.Start(t), redistest.StartTLS(t, ca)
	guarded, full := redistest.Start(t), redistest.Start(t)
	guarded.Do("CONFIG", "SET", "requirepass", "right")
	if reply, err := full.Dial().Do("CONFIG", "SET", "maxclients", "1"); reply != "OK" { // the one that it takes
		t.Fatal(reply, err)
	}
	sentinel := redistest.StartOneSentinel(t, "127.0.0.1:1")
	certFile, keyFile := ca.Issue("client")
	trust := []string{"REDIS_TLS_CA_FILE=" + ca.File(), "REDIS_TLS_CERT_FILE=" + certFile, "REDIS_TLS_KEY_FILE=" + keyFile}
	expired := redistest.StartTLS(t, ca)
	oldCert, oldKey := ca.IssueExpired("old")
	if reply := expired.Do("CONFIG", "SET", "tls-cert-file", oldCert, "tls-key-file", oldKey); reply != "OK" {
		t.Fatal(reply)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // never accepts
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	far := redistest.StartRelay(t, secure.Addr())
	far.Trip(300 * time.Millisecond)
	for name, c := range map[string]struct {
		vars []string
		want string
	}{
		"another CA, far away":  {append([]string{"REDIS_URL=rediss://" + far.Addr(), "REDIS_TLS_CA_FILE=" + another.File()}, trust[1:]...), "unknown authority"},
		"TLS to a plain port":   {append([]string{"REDIS_URL=rediss://" + plain.Addr()}, trust...), "without TLS"},
		"plain to a TLS port":   {[]string{"REDIS_URL=redis://" + secure.Addr()}, "TLS"},
		"another CA":            {append([]string{"REDIS_URL=rediss://" + secure.Addr(), "REDIS_TLS_CA_FILE=" + another.File()}, trust[1:]...), "unknown authority"},
		"another name":          {append([]string{"REDIS_URL=rediss://" + secure.Addr(), "REDIS_TLS_SERVER_NAME=redis.example"}, trust...), "redis.example"},
		"an old certificate":    {append([]string{"REDIS_URL=rediss://" + expired.Addr()}, trust...), "expired"},
		"no certificate":        {[]string{"REDIS_URL=rediss://" + secure.Addr(), trust[0]}, "certificate"},
		"no such host":          {[]string{"REDIS_URL=redis://nowhere.invalid", "REDIS_ALLOW_REMOTE=true"}, "nowhere.invalid"},
		"refused":               {[]string{"REDIS_URL=redis://127.0.0.1:1"}, "connection refused"},
		"wrong password":        {[]string{"REDIS_URL=redis://:wrong@" + guarded.Addr()}, "WRONGPASS"},
		"no password":           {[]string{"REDIS_URL=redis://" + guarded.Addr()}, "NOAUTH"},
		"no such database":      {[]string{"REDIS_URL=redis://" + plain.Addr() + "/99"}, "DB index is out of range"},
		"too many clients":      {[]string{"REDIS_URL=redis://" + full.Addr()}, "max number of clients"},
		"no such master":        {[]string{"REDIS_URL=redis://" + sentinel.Addr() + "?master_name=nobody"}, `do not know a master named \"nobody\"`},
		"a sentinel as a Redis": {[]string{"REDIS_URL=redis://" + sentinel.Addr()}, "unknown command"},
		"silent TLS":            {append([]string{"REDIS_URL=rediss://" + silent.Addr().String()}, trust...), "TLS handshake"},
		"silent":                {[]string{"REDIS_URL=redis://" + silent.Addr().String()}, silent.Addr().String()},
		"loading": {[]string{"REDIS_URL=redis://" + redistest.Garbled(t, "-LOADING Redis is loading the dataset in memory")},
			"LOADING"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := warned(t, fake, c.vars...); !strings.Contains(got, c.want) {
				t.Errorf("it does not say %q:\n%s", c.want, got)
			}
		})
	}
}

// What stands in place of a path may be the key itself. Neither the error nor what it
// wraps shows it.
func TestPastedPEMIsNotShown(t *testing.T) {
	ca := redistest.NewCA(t)
	certFile, keyFile := ca.Issue("client")
	key, cert := string(e2etest.Must(os.ReadFile(keyFile))), string(e2etest.Must(os.ReadFile(certFile)))
	body := strings.Split(key, "\n")[1]
	for name, pair := range map[string][2]string{
		"PEM":                   {"REDIS_TLS_KEY_FILE", key},
		"in one line":           {"REDIS_TLS_KEY_FILE", strings.ReplaceAll(key, "\n", `\n`)},
		"in one line of spaces": {"REDIS_TLS_KEY_FILE", strings.ReplaceAll(key, "\n", " ")},
		"without its frame":     {"REDIS_TLS_KEY_FILE", body},
		"certificate":           {"REDIS_TLS_CERT_FILE", cert + key},
		"CA":                    {"REDIS_TLS_CA_FILE", key},
	} {
		t.Run(name, func(t *testing.T) {
			vars := required()
			vars["REDIS_TLS"], vars["REDIS_TLS_CERT_FILE"], vars["REDIS_TLS_KEY_FILE"] = "true", certFile, keyFile
			vars[pair[0]] = pair[1]
			_, err := read(vars, advoware.StoreTiered)
			if err == nil || !strings.Contains(err.Error(), pair[0]) {
				t.Fatalf("%v does not name %s", err, pair[0])
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, body) || strings.Contains(text, body[:20]) {
				t.Errorf("it shows the key: %s", text)
			}
		})
	}
}

// A file that holds something else is named, and so is what is wrong with it.
func TestWrongCertificateFiles(t *testing.T) {
	ca := redistest.NewCA(t)
	certFile, keyFile := ca.Issue("client")
	_, otherKey := ca.Issue("other")
	half := t.TempDir() + "/half"
	text := e2etest.Must(os.ReadFile(ca.File()))
	if err := os.WriteFile(half, append(text, text[:len(text)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ ca, cert, key, want string }{
		"a key that is a certificate": {ca.File(), certFile, certFile, "REDIS_TLS_KEY_FILE"},
		"a key of another":            {ca.File(), certFile, otherKey, "REDIS_TLS_KEY_FILE"},
		"a certificate that is a key": {ca.File(), keyFile, keyFile, "REDIS_TLS_CERT_FILE"},
		"a CA that is a key":          {keyFile, certFile, keyFile, "REDIS_TLS_CA_FILE"},
		"half a CA file":              {half, certFile, keyFile, "REDIS_TLS_CA_FILE ends in the middle"},
		"a folder":                    {ca.File(), certFile, t.TempDir(), "REDIS_TLS_KEY_FILE cannot be read: is a directory"},
		"all right":                   {ca.File(), certFile, keyFile, ""},
	} {
		t.Run(name, func(t *testing.T) {
			vars := required()
			vars["REDIS_TLS"], vars["REDIS_TLS_CA_FILE"], vars["REDIS_TLS_CERT_FILE"], vars["REDIS_TLS_KEY_FILE"] = "true", c.ca, c.cert, c.key
			_, err := read(vars, advoware.StoreTiered)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
		})
	}
}

// A certificate of the authority is replaced while a process runs; one that is half
// written at the moment changes nothing, but is spoken of.
func TestCAFileIsReadAgain(t *testing.T) {
	ca, next, fake := redistest.NewCA(t), redistest.NewCA(t), newFake(t, clienttest.Options{})
	old, renewed := e2etest.Must(os.ReadFile(ca.File())), e2etest.Must(os.ReadFile(next.File()))
	srv := redistest.StartTLS(t, next, "--tls-auth-clients", "no")
	file := t.TempDir() + "/ca.crt"
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(old)
	cfg := reaching(t, fake, "REDIS_URL=rediss://"+srv.Addr()+"?"+unhurried, "REDIS_TLS_CA_FILE="+file)
	var log records
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	cfg.Shared = stores
	c := open(t, cfg)
	if _, err := c.Source().Token(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Fatalf("%v with the old authority", err)
	}
	write(renewed)
	mustCall(t, c)
	write(renewed[:len(renewed)/2])
	srv.Do("CLIENT", "KILL", "TYPE", "normal")
	waitUntil(t, "it connects again", func() bool {
		_, err := c.Source().Refresh(t.Context())
		return err == nil
	})
	waitUntil(t, "it says so", func() bool { return strings.Contains(log.String(), "REDIS_TLS_CA_FILE") })
	if n := bytes.Count([]byte(log.String()), []byte("REDIS_TLS_CA_FILE")); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}
