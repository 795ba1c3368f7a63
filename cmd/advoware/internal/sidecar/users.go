package sidecar

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/advoware-go/advoware/internal/certfile"
	"github.com/advoware-go/advoware/proxy"
)

// Users are the flags that say who may use the proxy, and for what. A file that is not given is nil: one whose name is
// empty, as of a variable of a shell that is not set, must not mean that nobody needs a key.
type Users struct {
	Allow       []string `sep:"none" placeholder:"[METHODS ]PATH" help:"Pass nothing on but this path, or, with a slash at the end, what is below it: --allow /api/v1/Akten/ --allow 'GET,HEAD /employees'. Can be repeated."`
	Host        []string `sep:"none" placeholder:"NAME" help:"A name by which the proxy is called, besides those of this machine. Can be repeated."`
	KeyFile     *string  `complete:"file" placeholder:"FILE" help:"Serve only who sends a key from this file, as Authorization: Bearer KEY: one key on each line, of 16 characters or more."`
	AllowRemote bool     `help:"Permit --addr to be reached by other machines. It needs --key-file, and should have --tls-cert-file."`
	TLSCertFile *string  `complete:"file" placeholder:"FILE" help:"Serve by TLS with this certificate, in PEM; the file is read for each connection."`
	TLSKeyFile  *string  `complete:"file" placeholder:"FILE" help:"The key of the certificate, in PEM."`
}

// open listens on an address.
func (f *Flags) open(addr string) (net.Listener, error) {
	if f.AllowRemote {
		return proxy.ListenRemote(addr)
	}
	return proxy.Listen(addr)
}

// config returns what the flags say of the proxy itself.
func (f *Flags) config(offices []proxy.Office, logger *slog.Logger) (proxy.Config, error) {
	cfg := proxy.Config{
		Offices: offices, Allow: f.Allow, Hosts: f.Host, MaxRequests: f.MaxRequests,
		OfficeStall: f.OfficeStall, ClientStall: f.ClientStall, Logger: logger,
	}
	switch {
	case f.MaxRequests < 1:
		return cfg, errors.New("--max-requests must be 1 or more")
	case f.MaxHeader < 4096 || f.MaxHeader > 1<<20:
		return cfg, errors.New("--max-header must be from 4096 to 1048576")
	case min(f.OfficeStall, f.ClientStall, f.HeaderTimeout, f.IdleTimeout) <= 0:
		return cfg, errors.New("--office-stall, --client-stall, --header-timeout and --idle-timeout must be positive")
	case f.Drain < 0:
		return cfg, errors.New("--drain must not be negative")
	case empty(f.KeyFile):
		return cfg, errors.New("--key-file has no name: set it, or leave the flag out to serve whoever can connect")
	case empty(f.TLSCertFile), empty(f.TLSKeyFile):
		return cfg, errors.New("--tls-cert-file or --tls-key-file has no name: set it, or leave both flags out to serve without TLS")
	case f.AllowRemote && f.KeyFile == nil:
		return cfg, errors.New("--allow-remote needs --key-file: who has no key must not use the office's credentials")
	}
	if f.KeyFile != nil {
		keys, err := proxy.OpenKeys(*f.KeyFile, logger)
		if err != nil {
			return cfg, fmt.Errorf("--key-file %s: %w", *f.KeyFile, err)
		}
		cfg.Keys = keys
	}
	return cfg, nil
}

// empty reports whether a file is given without a name.
func empty(file *string) bool { return file != nil && *file == "" }

// complete sets what the flags say of the server.
func (f *Flags) complete(s *proxy.Server, logger *slog.Logger) error {
	s.HeaderTimeout, s.IdleTimeout, s.Stall, s.MaxHeader, s.Logger = f.HeaderTimeout, f.IdleTimeout, f.ClientStall, f.MaxHeader, logger
	if s.Drain == 0 {
		s.Drain = -1
	}
	var files certfile.Files
	if f.TLSCertFile != nil {
		files.Cert = *f.TLSCertFile
	}
	if f.TLSKeyFile != nil {
		files.Key = *f.TLSKeyFile
	}
	if files == (certfile.Files{}) {
		if f.AllowRemote {
			logger.Warn("other machines send the key, and get the answers, without TLS: set --tls-cert-file and --tls-key-file, unless something else encrypts the way")
		}
		return nil
	}
	name := func(field string) string {
		if field == certfile.KeyFile {
			return "--tls-key-file"
		}
		return "--tls-cert-file"
	}
	problems := files.Check(name)
	var reader *certfile.Reader
	if len(problems) == 0 {
		reader, problems = certfile.Open(files, name)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s %s", name(problems[0].Field), problems[0].Text)
	}
	reader.Name = name
	reader.Warn = func(problem error) {
		logger.Warn("the certificate cannot be used: it stays as it was", "error", problem)
	}
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		content, err := reader.Read()
		return content.Own, err
	}}
	return nil
}
