package certfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// maxSize is how long a file may be. The certificates that a system trusts are a quarter of
// a megabyte.
const maxSize = 4 << 20

// certificate is the type of a PEM block.
const certificate = "CERTIFICATE"

// read returns the text of a file. A pipe is refused: it has its text once, or never.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case info.IsDir():
		return nil, errors.New("is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a file that can be read again for each connection")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err == nil && len(text) > maxSize {
		err = fmt.Errorf("is longer than %d MiB", maxSize>>20)
	}
	return text, withoutPath(err)
}

func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// pair returns the certificate with its key. The errors of crypto/tls are not shown, because
// they quote a file.
func pair(cert, key []byte, name func(field string) string) (*tls.Certificate, []Problem) {
	both, err := tls.X509KeyPair(cert, key)
	if err == nil {
		switch {
		case cut(cert):
			return &both, []Problem{{CertFile, "ends in the middle of a certificate"}}
		case cut(key):
			return &both, []Problem{{KeyFile, "ends in the middle of a key"}}
		}
		return &both, nil
	}
	var found []Problem
	if !blocks(cert)[certificate] {
		found = append(found, Problem{CertFile, "has no certificate in PEM" + instead(cert)})
	}
	switch kinds := blocks(key); {
	case kinds["ENCRYPTED PRIVATE KEY"] || encrypted(key):
		found = append(found, Problem{KeyFile, "is encrypted by a passphrase, which nobody is here to type: write it without one (openssl pkey -in … -out …)"})
	case !hasKey(kinds):
		found = append(found, Problem{KeyFile, "has no private key in PEM" + instead(key)})
	}
	if len(found) > 0 {
		return nil, found
	}
	if !hasLeaf(cert) {
		return nil, []Problem{{CertFile, "has a certificate that cannot be read"}}
	}
	return nil, []Problem{{KeyFile, "does not have the key of the first certificate in " + name(CertFile) + ", where those of authorities come after it"}}
}

// instead says what a text without the right PEM in it is, as far as one can tell.
func instead(text []byte) string {
	kinds := blocks(text)
	_, err := x509.ParseCertificate(text)
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return ": it is empty"
	case err == nil:
		return ": it is in DER (openssl x509 -inform der -in … -out … makes PEM of it)"
	case hasKey(kinds):
		return ": it has a private key"
	case kinds["CERTIFICATE REQUEST"] || kinds["NEW CERTIFICATE REQUEST"]:
		return ": it has a request for one"
	case kinds[certificate]:
		return ": it has a certificate"
	case bytes.HasPrefix(text, []byte{0x30, 0x82}): // a SEQUENCE in DER
		return ": it is in DER, or a .pfx (openssl pkcs12 -in … -out … -nodes makes PEM of that)"
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return ": it is in UTF-16"
	}
	return ""
}

// blocks returns the types of the PEM blocks in a text.
func blocks(text []byte) map[string]bool {
	kinds := make(map[string]bool)
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return kinds
		}
		kinds[block.Type], text = true, rest
	}
}

// hasKey reports whether there is a block of a private key.
func hasKey(kinds map[string]bool) bool {
	for kind := range kinds {
		if strings.HasSuffix(kind, "PRIVATE KEY") {
			return true
		}
	}
	return false
}

// encrypted reports whether a key has the header of an old encrypted form.
func encrypted(text []byte) bool { return bytes.Contains(text, []byte("Proc-Type: 4,ENCRYPTED")) }

// hasLeaf reports whether the first certificate in a text can be read.
func hasLeaf(text []byte) bool {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return false
		}
		if text = rest; block.Type == certificate {
			_, err := x509.ParseCertificate(block.Bytes)
			return err == nil
		}
	}
}

// cut reports whether a text ends before its last PEM block does.
func cut(text []byte) bool {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return bytes.Contains(text, []byte("-----BEGIN"))
		}
		text = rest
	}
}
