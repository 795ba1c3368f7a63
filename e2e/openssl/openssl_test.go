package openssl_test

import (
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// What docs/configuration.md says of an office with a certificate of its own is done as it is
// written there, with certificates as an administrator makes them.
func TestConnectorByTheDocumentation(t *testing.T) {
	for _, program := range []string{"openssl", "sh", "sed"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the commands of the documentation need %s: %v", program, err)
		}
	}
	commands := documentedCommands(t)
	if len(commands) != 2 || !strings.Contains(commands[0], "sha256/") || !strings.Contains(commands[1], "-connect connector.example:88") {
		t.Fatalf("the documentation has other commands than for a pin and a certificate: %q", commands)
	}
	fake := clienttest.Start(t, clienttest.Options{})
	for name, key := range map[string]string{"RSA": "rsa:2048", "EC": "ec -pkeyopt ec_paramgen_curve:prime256v1", "Ed25519": "ed25519"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			// It signed itself, for another name than it is reached by.
			shell(t, dir, "openssl req -x509 -nodes -newkey "+key+" -keyout server.key -out server.crt -days 30 -subj '/CN=KANZLEI-SRV' -addext subjectAltName=DNS:kanzlei-srv.local")
			pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"))
			if err != nil {
				t.Fatal(err)
			}
			own := certtest.Certificate{Certificate: pair}
			s := startConnector(t, fake, own)
			shell(t, dir, strings.Replace(commands[1], "connector.example:88", s.Listener.Addr().String(), 1))
			pin := shell(t, dir, commands[0])
			if want := own.Pin(); pin != want {
				t.Fatalf("the commands print %q, want %q", pin, want)
			}
			for name, settings := range map[string]string{
				"a pin":               "PIN=" + pin,
				"the certificate":     "CA_FILE=" + dir + "/connector.crt SERVER_NAME=kanzlei-srv.local",
				"a pin and the file":  "CA_FILE=" + dir + "/connector.crt SERVER_NAME=kanzlei-srv.local PIN=" + pin,
				"a client's own, too": "CERT_FILE=" + dir + "/server.crt KEY_FILE=" + dir + "/server.key PIN=" + pin,
			} {
				cfg, err := readTLS(append(fake.Env(), "ADVOWARE_API_BASE_URL="+s.URL), settings)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				e2etest.MustCall(t, e2etest.Open(t, cfg))
			}
		})
	}
}

// startConnector serves the fake with a certificate of its own.
func startConnector(t *testing.T, fake *clienttest.Server, own certtest.Certificate) *httptest.Server {
	t.Helper()
	to, err := url.Parse(fake.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(to))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own.Certificate}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// What else OpenSSL writes is refused by the name of the variable.
func TestOtherFilesOfOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skipf("there is no openssl to make files: %v", err)
	}
	dir := t.TempDir()
	shell(t, dir, `openssl req -x509 -nodes -newkey rsa:2048 -keyout server.key -out server.crt -days 30 -subj /CN=x
		openssl x509 -in server.crt -outform der -out server.der
		openssl pkey -in server.key -aes256 -passout pass:swordfish -out locked.key
		openssl rsa -in server.key -traditional -aes256 -passout pass:swordfish -out locked.old
		openssl req -new -key server.key -subj /CN=x -out request.csr
		openssl pkcs12 -export -in server.crt -inkey server.key -passout pass:swordfish -out server.pfx`)
	for variable, files := range map[string]string{
		"CA_FILE":   "server.der request.csr server.key locked.key server.pfx",
		"CERT_FILE": "server.der request.csr server.key locked.key server.pfx",
		"KEY_FILE":  "server.der request.csr server.crt locked.key locked.old server.pfx",
	} {
		for file := range strings.FieldsSeq(files) {
			_, err := readTLS(nil, "CERT_FILE="+dir+"/server.crt KEY_FILE="+dir+"/server.key "+variable+"="+dir+"/"+file)
			if err == nil || !strings.Contains(err.Error(), "ADVOWARE_API_TLS_"+variable+" ") || strings.Contains(err.Error(), file) {
				t.Errorf("%s as %s: %v", file, variable, err)
			}
		}
	}
}

// documentedCommands returns those of the section about connectors.
func documentedCommands(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## A connector with a certificate of its own\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for i, block := range strings.Split(section, "```") {
		language, command, _ := strings.Cut(block, "\n")
		if i%2 == 1 && strings.HasPrefix(command, "openssl ") && (language == "sh" || language == "text") { // text: it needs an office
			commands = append(commands, command)
		}
	}
	return commands
}

// shell runs commands and returns what they print.
func shell(t *testing.T, dir, commands string) string {
	t.Helper()
	cmd := exec.Command("sh", "-e", "-c", commands)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", commands, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// readTLS returns the configuration by variables, and by settings for the certificate of the
// API without the beginning of their names.
func readTLS(pairs []string, settings string) (advoware.Config, error) {
	vars := e2etest.Required()
	for setting := range strings.FieldsSeq(settings) {
		pairs = append(pairs, "ADVOWARE_API_TLS_"+setting)
	}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	cfg, err := e2etest.Read(vars, advoware.StoreMemory)
	cfg.Logger = slog.New(slog.DiscardHandler)
	return cfg, err
}
