package certfile_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/certfile"
	"github.com/advoware-go/advoware/internal/certtest"
)

// mine is what a test calls a field.
func mine(field string) string { return "MY_" + field }

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// file writes a file and returns its path.
func file(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// said returns problems as their author reads them.
func said(problems []certfile.Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, mine(p.Field)+" "+p.Text)
	}
	return lines
}

// What is wrong with paths is found without reading anything.
func TestCheck(t *testing.T) {
	const pem = "is PEM text, not the path of a file: write the text to a file and set the path (the text is not shown)"
	for name, c := range map[string]struct {
		files certfile.Files
		want  []string
	}{
		"none":               {certfile.Files{}, nil},
		"all":                {certfile.Files{CA: "a", Cert: "b", Key: "c"}, nil},
		"a key alone":        {certfile.Files{Key: "c"}, []string{"MY_CertFile is missing: it belongs to MY_KeyFile"}},
		"a certificate only": {certfile.Files{CA: "a", Cert: "b"}, []string{"MY_KeyFile is missing: it belongs to MY_CertFile"}},
		"texts":              {certfile.Files{CA: "-----BEGIN X", Key: "a\nb"}, []string{"MY_CAFile " + pem, "MY_KeyFile " + pem, "MY_CertFile is missing: it belongs to MY_KeyFile"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, said(c.files.Check(mine))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	ca := certtest.NewCA(t)
	own := ca.Sign("own", nil)
	content, problems := certfile.Files{CA: ca.File(), Cert: own.CertFile, Key: own.KeyFile}.Load(mine)
	if len(problems) > 0 {
		t.Fatal(said(problems))
	}
	if _, err := own.Leaf.Verify(x509.VerifyOptions{Roots: content.Roots}); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(content.Own.Certificate[0], own.Leaf.Raw) {
		t.Error("it is another certificate")
	}
	if content, problems := (certfile.Files{}).Load(mine); content.Roots != nil || content.Own != nil || problems != nil {
		t.Errorf("got %v, %v of no files", content, problems)
	}
}

// Each file that cannot be used is named, all at once, and nothing of what is in it is shown.
func TestLoadNamesEachProblem(t *testing.T) {
	ca := certtest.NewCA(t)
	own, other := ca.Sign("own", nil), ca.Sign("other", nil)
	cert, key := read(t, own.CertFile), read(t, own.KeyFile)
	canary := "CANARY"
	block := func(kind string, header map[string]string, data []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: header, Bytes: data})
	}
	device := os.DevNull // no regular file either
	for name, c := range map[string]struct {
		files certfile.Files
		want  []string
	}{
		"nothing there": {
			certfile.Files{CA: "/nowhere/CANARY", Cert: "/nowhere/CANARY", Key: "/nowhere/CANARY"},
			[]string{"MY_CAFile cannot be read: no such file", "MY_CertFile cannot be read: no such file", "MY_KeyFile cannot be read: no such file"},
		},
		"a folder":       {certfile.Files{CA: t.TempDir()}, []string{"MY_CAFile cannot be read: is a directory"}},
		"a device":       {certfile.Files{CA: device}, []string{"MY_CAFile cannot be read: is not a file that can be read again"}},
		"huge":           {certfile.Files{CA: file(t, bytes.Repeat([]byte("\n"), 5<<20))}, []string{"MY_CAFile cannot be read: is longer than 4 MiB"}},
		"empty":          {certfile.Files{CA: file(t, []byte(" \r\n"))}, []string{"MY_CAFile has no certificate in PEM: it is empty"}},
		"anything":       {certfile.Files{CA: file(t, []byte(canary))}, []string{"MY_CAFile has no certificate in PEM"}},
		"DER":            {certfile.Files{CA: file(t, own.Leaf.Raw)}, []string{"MY_CAFile has no certificate in PEM: it is in DER"}},
		"a key":          {certfile.Files{CA: own.KeyFile}, []string{"MY_CAFile has no certificate in PEM: it has a private key"}},
		"PFX":            {certfile.Files{CA: file(t, []byte("\x30\x82\x0a\x00CANARY"))}, []string{"it is in DER, or a .pfx"}},
		"UTF-16":         {certfile.Files{CA: file(t, []byte("\xff\xfe-\x00"))}, []string{"MY_CAFile has no certificate in PEM: it is in UTF-16"}},
		"a request":      {certfile.Files{CA: file(t, block("CERTIFICATE REQUEST", nil, []byte(canary)))}, []string{"it has a request"}},
		"half":           {certfile.Files{CA: file(t, append(read(t, ca.File()), cert[:len(cert)/2]...))}, []string{"MY_CAFile ends in the middle of a certificate"}},
		"junk in PEM":    {certfile.Files{CA: file(t, block("CERTIFICATE", nil, []byte(canary)))}, []string{"MY_CAFile has a certificate that cannot be read"}},
		"another's key":  {certfile.Files{Cert: own.CertFile, Key: other.KeyFile}, []string{"MY_KeyFile does not have the key of the first certificate in MY_CertFile"}},
		"the wrong way":  {certfile.Files{Cert: own.KeyFile, Key: own.CertFile}, []string{"MY_CertFile has no certificate in PEM: it has a private key", "MY_KeyFile has no private key in PEM: it has a certificate"}},
		"odd blocks":     {certfile.Files{Cert: own.CertFile, Key: file(t, block(canary, nil, []byte(canary)))}, []string{"MY_KeyFile has no private key in PEM"}},
		"junk as a leaf": {certfile.Files{Cert: file(t, append(block("CERTIFICATE", nil, []byte(canary)), cert...)), Key: own.KeyFile}, []string{"MY_CertFile has a certificate that cannot be read"}},
		"junk as a key":  {certfile.Files{Cert: own.CertFile, Key: file(t, block("PRIVATE KEY", nil, []byte(canary)))}, []string{"MY_KeyFile does not have the key"}},
		"half a key":     {certfile.Files{Cert: own.CertFile, Key: file(t, key[:len(key)/2])}, []string{"MY_KeyFile has no private key in PEM"}},
		"half a chain":   {certfile.Files{Cert: file(t, append(bytes.Clone(cert), cert[:len(cert)/2]...)), Key: own.KeyFile}, []string{"MY_CertFile ends in the middle of a certificate"}},
		"a passphrase":   {certfile.Files{Cert: own.CertFile, Key: file(t, block("ENCRYPTED PRIVATE KEY", nil, []byte(canary)))}, []string{"MY_KeyFile is encrypted by a passphrase"}},
		"an old passphrase": {
			certfile.Files{Cert: own.CertFile, Key: file(t, block("RSA PRIVATE KEY", map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": canary}, []byte(canary)))},
			[]string{"MY_KeyFile is encrypted by a passphrase"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := c.files.Load(mine)
			got := said(problems)
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("%q does not say %q", got[i], want)
				}
			}
			if text := fmt.Sprintf("%v %+v %#v", problems, problems, problems); strings.Contains(text, canary) || strings.Contains(text, hex.EncodeToString([]byte(canary))) {
				t.Errorf("it shows what a file holds: %s", text)
			}
		})
	}
}

// Line ends of Windows, text around the blocks, other kinds of keys and a chain are fine.
func TestLoadTakesWhatToolsWrite(t *testing.T) {
	ca := certtest.NewCA(t)
	own := ca.Sign("own", nil)
	cert, key := read(t, own.CertFile), read(t, own.KeyFile)
	windows := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
	ec, err := x509.MarshalECPrivateKey(own.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	chain := append(append([]byte("subject=/CN=own\n"), cert...), read(t, ca.File())...)
	for name, files := range map[string]certfile.Files{
		"Windows":        {CA: file(t, windows(read(t, ca.File()))), Cert: file(t, windows(cert)), Key: file(t, windows(key))},
		"a chain":        {Cert: file(t, chain), Key: own.KeyFile},
		"one file":       {CA: file(t, chain), Cert: file(t, append(bytes.Clone(cert), key...)), Key: file(t, append(bytes.Clone(cert), key...))},
		"EC PRIVATE KEY": {Cert: own.CertFile, Key: file(t, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec}))},
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := files.Load(mine); len(problems) > 0 {
				t.Error(said(problems))
			}
		})
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	files := certfile.Files{Cert: own.CertFile, Key: file(t, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(other)}))}
	if _, problems := files.Load(mine); len(problems) != 1 {
		t.Errorf("%q of a key of another kind", said(problems))
	}
}
