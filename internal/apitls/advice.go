package apitls

import (
	"crypto/x509"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/certfile"
)

// advice says why a certificate is not accepted, and what to set so that it is.
func (c Config) advice(leaf *x509.Certificate, err error) (why, hint string) {
	var (
		unknown  x509.UnknownAuthorityError
		noSystem x509.SystemRootsError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError

		ca, server = Variable(certfile.CAFile), Variable(ServerName)
		selfSigned = string(leaf.RawIssuer) == string(leaf.RawSubject)
	)
	switch {
	case errors.Is(err, errPin):
		return "has another key than " + Variable(Pin) + " says", "if the office has a new key and confirms the pin, add it to " + Variable(Pin)
	case errors.As(err, &name) && len(leaf.DNSNames)+len(leaf.IPAddresses) == 0:
		return "names no host but in the old way, by its common name, which does not count", c.orPin("the office makes one with a subjectAltName")
	case errors.As(err, &name):
		if why = "is not for this host"; c.ServerName != "" {
			why = "is not for " + shown(c.ServerName) + ", as " + server + " wants it"
		}
		hint = "set " + server + " to a name that it is for"
		if selfSigned && c.CAFile == "" && c.Pin == "" {
			hint += ", and " + ca + " to a file with this very certificate, which is signed by nobody but itself"
		}
		return why, c.orPin(hint)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return notNow(leaf, invalid), c.orPin("the office renews it, if the clock here is right")
	case errors.As(err, &unknown), errors.As(err, &noSystem):
		if why = "is signed by an authority that is not known here"; selfSigned {
			why = "is signed by nobody but itself"
		}
		switch {
		case c.CAFile != "":
			hint = "add the certificate of its authority to the file in " + ca
		case selfSigned:
			hint = "set " + ca + " to a file with this very certificate"
		default:
			hint = "set " + ca + " to a file with the certificate of its authority"
		}
		return why, c.orPin(hint)
	}
	return "cannot be verified, " + shown(err.Error()), c.orPin("the office makes another one")
}

// orPin adds to a hint that a pin does the same. It does so by itself only, without a CA file.
func (c Config) orPin(hint string) string {
	ca, pin := Variable(certfile.CAFile), Variable(Pin)
	switch {
	case c.CAFile == "" && c.Pin == "":
		return hint + "; or, if the office confirms the pin, set " + pin + " to it"
	case c.CAFile != "" && c.Pin == "":
		return hint + "; or, if the office confirms the pin, set " + pin + " to it in place of " + ca
	case c.CAFile != "":
		return hint + "; or leave " + ca + " out: the pin is enough"
	}
	return hint + ", or leave it out: the pin is enough"
}

// notNow says which certificate of a chain is not valid at present.
func notNow(leaf *x509.Certificate, invalid x509.CertificateInvalidError) string {
	switch {
	case invalid.Cert != nil && !invalid.Cert.Equal(leaf):
		return "has one in its chain that is not valid now"
	case time.Now().Before(leaf.NotBefore):
		return "is not valid before " + leaf.NotBefore.UTC().Format(dates)
	}
	return "is not valid any more"
}
