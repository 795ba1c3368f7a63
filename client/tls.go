package client

// TLS says which certificate the API may have, and which one the Client shows it. The zero
// value means that it must be one of an authority that the system trusts, for the host of the
// API. Each field is a condition more, but for a Pin alone, which is enough by itself. No field
// turns the check off. All of them hold for the API only: not for the security gateway, for a
// proxy, or for requests to other servers. Files are read by New and again for each connection;
// if one cannot be used then, that is a warning, and its last good content is used.
type TLS struct {
	// CAFile has the certificates, in PEM, of the authorities that may have signed the
	// API's, or that certificate itself; empty means those that the system trusts.
	CAFile string
	// ServerName is the name that the certificate must have, and that the server is asked
	// for; empty means the host of the API's URL.
	ServerName string
	// CertFile and KeyFile are the client's certificate and its key, in PEM, for a server
	// that requires one.
	CertFile, KeyFile string
	// Pin is the hash of the public key that the server must have: sha256/ and the base64
	// of the SHA-256 of its SubjectPublicKeyInfo; several are separated by commas. Without
	// CAFile and ServerName neither the chain, nor the name, nor the dates of the
	// certificate count then.
	Pin string
}

// tlsField names a field in the errors of New.
func tlsField(name string) string { return "TLS." + name }
