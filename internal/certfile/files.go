// Package certfile reads files of certificates and keys, in PEM, for connections by TLS.
//
// [Files] names them and says what is wrong with them, [Reader] reads them for each
// connection, because they are replaced while processes run. Nothing that a file holds, and
// no path, is shown in a message: a key may have been set in place of a path.
//
// Everything here is safe for concurrent use.
package certfile

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
)

// The fields that problems are about, as configurations call them.
const (
	CAFile   = "CAFile"
	CertFile = "CertFile"
	KeyFile  = "KeyFile"
)

// Files are paths, "" for none.
type Files struct {
	CA        string // certificates that a server's is checked against
	Cert, Key string // our own certificate, with those that lead to its authority, and its key
}

// Problem is a field and what is wrong with it, in words that follow the name of the field.
type Problem struct{ Field, Text string }

// Content is what files hold.
type Content struct {
	Roots *x509.CertPool   // nil without a CA file
	Own   *tls.Certificate // nil without a certificate of our own
}

// field is one of Files.
type field struct{ name, path string }

func (f Files) fields() []field {
	return []field{{CAFile, f.CA}, {CertFile, f.Cert}, {KeyFile, f.Key}}
}

// Check returns what is wrong with the paths themselves. Name returns what the author of the
// configuration calls a field.
func (f Files) Check(name func(field string) string) []Problem {
	var found []Problem
	for _, f := range f.fields() {
		if strings.Contains(f.path, "-----BEGIN") || strings.ContainsAny(f.path, "\r\n") {
			found = append(found, Problem{f.name, "is PEM text, not the path of a file: write the text to a file and set the path (the text is not shown)"})
		}
	}
	switch {
	case f.Cert != "" && f.Key == "":
		found = append(found, Problem{KeyFile, "is missing: it belongs to " + name(CertFile)})
	case f.Cert == "" && f.Key != "":
		found = append(found, Problem{CertFile, "is missing: it belongs to " + name(KeyFile)})
	}
	return found
}

// Load reads the files, and returns what is wrong with what they hold.
func (f Files) Load(name func(field string) string) (Content, []Problem) {
	var (
		content Content
		found   []Problem
		texts   = make(map[string][]byte)
	)
	for _, f := range f.fields() {
		if f.path == "" {
			continue
		}
		text, err := read(f.path)
		if err != nil {
			found = append(found, Problem{f.name, "cannot be read: " + err.Error()})
			continue
		}
		texts[f.name] = text
	}
	if text, ok := texts[CAFile]; ok {
		content.Roots = x509.NewCertPool()
		problem := ""
		switch {
		case !blocks(text)[certificate]:
			problem = "has no certificate in PEM" + instead(text)
		case !content.Roots.AppendCertsFromPEM(text):
			problem = "has a certificate that cannot be read"
		case cut(text):
			problem = "ends in the middle of a certificate"
		}
		if problem != "" {
			found = append(found, Problem{CAFile, problem})
		}
	}
	cert, hasCert := texts[CertFile]
	key, hasKey := texts[KeyFile]
	if !hasCert || !hasKey {
		return content, found
	}
	own, wrong := pair(cert, key, name)
	content.Own = own
	return content, append(found, wrong...)
}
