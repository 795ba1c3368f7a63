package clienttest

import (
	"strconv"
	"strings"
)

// Env returns the environment that leads a program to this server, as NAME=value,
// fit for exec.Cmd.Env. Values stand as they are; those of the sandbox need no
// quoting in a shell. With InMemory no other process can reach the addresses.
//
// The token key is one of its own, so that a token of the fake is never kept under
// the key of the real one in a shared Redis.
func (s *Server) Env() []string {
	return append([]string{
		"ADVOWARE_API_BASE_URL=" + s.BaseURL(),
		"ADVOWARE_TOKEN_URL=" + s.TokenURL(),
	}, s.identityEnv()...)
}

// DiscoveryEnv is Env for a program that finds the addresses by itself: it has
// ADVOWARE_DISCOVERY_URL in place of the two addresses.
func (s *Server) DiscoveryEnv() []string {
	return append([]string{"ADVOWARE_DISCOVERY_URL=" + s.DiscoveryURL()}, s.identityEnv()...)
}

func (s *Server) identityEnv() []string {
	id := s.identity
	return []string{
		"ADVOWARE_PRODUCT_ID=" + strconv.Itoa(id.Product),
		"ADVOWARE_ROLE=" + strconv.Itoa(id.Role),
		"ADVOWARE_APP_ID=" + id.AppID,
		"ADVOWARE_API_KEY=" + id.APIKey,
		"ADVOWARE_KANZLEI=" + id.Kanzlei,
		"ADVOWARE_DATABASE=" + id.Database,
		"ADVOWARE_USER=" + id.User,
		"ADVOWARE_PASSWORD=" + id.Password,
		"ADVOWARE_TOKEN_KEY=advoware_sandbox_access_token",
	}
}

// Getenv returns the value that Env has for a variable, "" for any other: it is what
// advoware.ReadEnv takes, so that nothing of the real environment counts.
//
//	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreMemory)
//
// With InMemory the Config also needs the Transport of the server. The package
// advowaretest does all that.
func (s *Server) Getenv(name string) string { return valueOf(name, s.Env()) }

// DiscoveryGetenv is Getenv for DiscoveryEnv.
func (s *Server) DiscoveryGetenv(name string) string { return valueOf(name, s.DiscoveryEnv()) }

func valueOf(name string, env []string) string {
	for _, line := range env {
		if key, value, _ := strings.Cut(line, "="); key == name {
			return value
		}
	}
	return ""
}
