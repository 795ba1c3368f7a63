// Package apitls decides which certificate the API may have, and says so when it has another.
//
// [Config] has the settings, [Verifier] applies them to connections, [CertificateError] is the
// certificate that is not accepted. Nothing here turns verification off.
//
// Everything here is safe for concurrent use. See docs/configuration.md for what the settings
// mean.
package apitls

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/advoware-go/advoware/internal/certfile"
)

// Config are the settings; the zero value means that the system's authorities decide. It has
// the fields of client.TLS, and is comparable.
type Config struct {
	CAFile, ServerName, CertFile, KeyFile string
	Pin                                   string
}

// The fields beside those of certfile.
const (
	ServerName = "ServerName"
	Pin        = "Pin"
)

var variables = map[string]string{
	certfile.CAFile:   "ADVOWARE_API_TLS_CA_FILE",
	ServerName:        "ADVOWARE_API_TLS_SERVER_NAME",
	certfile.CertFile: "ADVOWARE_API_TLS_CERT_FILE",
	certfile.KeyFile:  "ADVOWARE_API_TLS_KEY_FILE",
	Pin:               "ADVOWARE_API_TLS_PIN",
}

// Variable names a field in the environment.
func Variable(field string) string { return variables[field] }

// Problem is a field and what is wrong with it, in words that follow the name of the field.
type Problem = certfile.Problem

// Use is where a Config stands among other settings.
type Use struct {
	// Name returns what the author of the configuration calls a field.
	Name func(field string) string
	// BaseURL is that of the API, and BaseURLName what its author calls it.
	BaseURL, BaseURLName string
	// Discovered is set if BaseURL is only a name for wherever the API is.
	Discovered bool
	// Transport is what the author calls the transport that is used instead of our own, ""
	// if there is none.
	Transport string
}

// Problems returns everything that is wrong with c. It reads the files.
func (c Config) Problems(u Use) []Problem {
	if c == (Config{}) {
		return nil
	}
	found := c.void(u)
	if c.ServerName != "" && !isName(c.ServerName) {
		found = append(found, Problem{Field: ServerName, Text: "is not the name of a host or an IP address, as a certificate has it: no port, no https://, no wildcard; umlauts are written xn--…"})
	}
	if _, wrong := parsePins(c.Pin); len(wrong) > 0 {
		found = append(found, Problem{Field: Pin, Text: strings.Join(wrong, "; ")})
	}
	wrong := c.files().Check(u.Name)
	if len(wrong) == 0 {
		_, wrong = c.files().Load(u.Name)
	}
	return append(found, wrong...)
}

// Check returns all Problems in one error, each behind prefix, or nil.
func (c Config) Check(prefix string, u Use) error {
	var found []error
	for _, p := range c.Problems(u) {
		found = append(found, errors.New(prefix+u.Name(p.Field)+" "+p.Text))
	}
	return errors.Join(found...)
}

// void returns the fields that have no effect because of other settings.
func (c Config) void(u Use) []Problem {
	text := ""
	switch scheme, _, _ := strings.Cut(strings.TrimSpace(u.BaseURL), "://"); {
	case u.Transport != "":
		text = "has no effect with " + u.Transport + ", which makes its own connections: set one of the two"
	case strings.EqualFold(scheme, "http") && !u.Discovered:
		text = "has no effect with " + u.BaseURLName + ", which is http, without TLS: set one of the two, or write https"
	default:
		return nil
	}
	var found []Problem
	for _, f := range []struct{ name, value string }{
		{certfile.CAFile, c.CAFile}, {ServerName, c.ServerName}, {certfile.CertFile, c.CertFile}, {certfile.KeyFile, c.KeyFile}, {Pin, c.Pin},
	} {
		if f.value != "" {
			found = append(found, Problem{Field: f.name, Text: text})
		}
	}
	return found
}

func (c Config) files() certfile.Files {
	return certfile.Files{CA: c.CAFile, Cert: c.CertFile, Key: c.KeyFile}
}

// isName reports whether a certificate may be for text.
func isName(text string) bool {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Zone() == ""
	}
	name := strings.TrimSuffix(text, ".")
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return len(name) <= 253
}
