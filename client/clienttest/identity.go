package clienttest

import "github.com/advoware-go/advoware/client/clienttest/internal/gateway"

// Identity is someone who may fetch tokens. All fields count: a token request has
// to match them all. Unlike in [Options] nothing has a default.
type Identity struct {
	AppID, APIKey, Kanzlei, Database, User, Password string
	Product, Role                                    int
}

// AddIdentity lets a further identity fetch tokens, besides the one of Options.
// An APIKey that is not standard base64, an empty one, and a line end in any
// field are errors.
func (s *Server) AddIdentity(id Identity) error {
	if err := gateway.Identity(id).Check(); err != nil {
		return err
	}
	s.gateway.Add(gateway.Identity(id))
	return nil
}

// Identities returns who may fetch tokens, with their secrets: first the one of Options,
// then those of AddIdentity.
func (s *Server) Identities() []Identity {
	var all []Identity
	for _, id := range s.gateway.All() {
		all = append(all, Identity(id))
	}
	return all
}
