// Package cert makes certificates that vouch for themselves, as connectors of offices
// have them.
package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Config returns a copy of config, which may be nil, with a certificate for hosts if it
// has no way to show one. Nil hosts are the host of addr and those of loopback.
func Config(config *tls.Config, hosts []string, addr string) (*tls.Config, error) {
	if config = config.Clone(); config == nil {
		config = new(tls.Config)
	}
	if len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil {
		return config, nil
	}
	if hosts == nil {
		hosts = []string{"localhost", "127.0.0.1", "::1"}
		if host, _, err := net.SplitHostPort(addr); err == nil && host != "" {
			hosts = append(hosts, host)
		}
	}
	own, err := selfSigned(hosts)
	config.Certificates = []tls.Certificate{own}
	return config, err
}

// selfSigned makes a certificate for hosts, which are names and IP addresses, that is
// valid from a day ago for ten years. It is an authority too, so that it can stand in a
// file of those that a client trusts.
func selfSigned(hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clienttest: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clienttest: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Advoware connector of the sandbox"},
		NotBefore:    time.Now().AddDate(0, 0, -1), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clienttest: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// PEM returns the first certificate of config in PEM, nil if there is none.
func PEM(config *tls.Config) []byte {
	der := first(config)
	if der == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Pin returns "sha256/" and the base64 of the SHA-256 of the SubjectPublicKeyInfo of that
// certificate, "" if there is none.
func Pin(config *tls.Config) string {
	leaf, err := x509.ParseCertificate(first(config))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

func first(config *tls.Config) []byte {
	if config == nil || len(config.Certificates) == 0 || len(config.Certificates[0].Certificate) == 0 {
		return nil
	}
	return config.Certificates[0].Certificate[0]
}
