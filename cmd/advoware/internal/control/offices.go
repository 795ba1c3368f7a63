package control

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// offices are the identities and connectors of the fake, as far as they were made here,
// and the identity of its options.
type offices struct {
	mu         sync.Mutex
	list       []identity
	connectors []*connector
	discovered map[string]bool // Kanzleien whose discovery was set
}

// identity is one as it is shown: without what is secret.
type identity struct {
	AppID    string `json:"app_id"`
	Product  int    `json:"product"`
	Role     int    `json:"role"`
	Kanzlei  string `json:"kanzlei"`
	Database string `json:"database"`
	User     string `json:"user"`
}

func identityOf(o clienttest.Options) identity {
	return identity{o.AppID, o.Product, o.Role, o.Kanzlei, o.Database, o.User}
}

func (s *Server) listIdentities(w http.ResponseWriter, r *http.Request) error {
	s.offices.mu.Lock()
	all := slices.Clone(s.offices.list)
	s.offices.mu.Unlock()
	reply(w, http.StatusOK, all)
	return nil
}

// addIdentity adds one. Members that are absent are those of the fake's own identity.
func (s *Server) addIdentity(w http.ResponseWriter, r *http.Request) error {
	o := s.fake.Options()
	err := strict.Only(w, r, strict.Members{
		"app_id": &o.AppID, "api_key": &o.APIKey, "product": &o.Product, "role": &o.Role,
		"kanzlei": &o.Kanzlei, "database": &o.Database, "user": &o.User, "password": &o.Password,
	})
	if err != nil {
		return err
	}
	s.offices.mu.Lock()
	defer s.offices.mu.Unlock()
	if len(s.offices.list) >= maxListed {
		return strict.Refusef(http.StatusConflict, "there are %d identities already", maxListed)
	}
	err = s.fake.AddIdentity(clienttest.Identity{
		AppID: o.AppID, APIKey: o.APIKey, Product: o.Product, Role: o.Role,
		Kanzlei: o.Kanzlei, Database: o.Database, User: o.User, Password: o.Password,
	})
	if err != nil {
		return inMembers(err)
	}
	s.offices.list = append(s.offices.list, identityOf(o))
	reply(w, http.StatusCreated, identityOf(o))
	return nil
}

// inMembers is an error of clienttest in the words of the control: members for fields.
func inMembers(err error) error {
	text := strings.NewReplacer("clienttest: ", "", "\n", "; ", "AppID ", "app_id ", "APIKey ", "api_key ", "Kanzlei contains", "kanzlei contains",
		"Database ", "database ", "User ", "user ", "Password ", "password ", "Addr: ", "addr: ", "Addr ", "addr ").Replace(err.Error())
	return fmt.Errorf("%s", text)
}

// inConnector is inMembers for what went wrong while a connector was to listen, or, before
// that, with its certificate.
func inConnector(err error) error {
	_, listening := errors.AsType[*net.OpError](err)
	switch err = inMembers(err); {
	case listening:
		return fmt.Errorf("addr: %w", err)
	case strings.HasPrefix(err.Error(), "addr"):
		return err
	}
	return fmt.Errorf("hosts: %w", err)
}

// connector is one that was made here.
type connector struct {
	kanzlei string
	handle  *clienttest.Connector
	closed  bool // under offices.mu
}

type connectorShown struct {
	Kanzlei string `json:"kanzlei"`
	URL     string `json:"url"`
	CA      string `json:"ca,omitempty"`
	Pin     string `json:"pin,omitempty"`
	Open    bool   `json:"open"`
}

func (c *connector) shown() connectorShown {
	return connectorShown{c.kanzlei, c.handle.URL(), string(c.handle.CA()), c.handle.Pin(), !c.closed}
}

func (s *Server) listConnectors(w http.ResponseWriter, r *http.Request) error {
	s.offices.mu.Lock()
	all := make([]connectorShown, len(s.offices.connectors))
	for at, c := range s.offices.connectors {
		all[at] = c.shown()
	}
	s.offices.mu.Unlock()
	reply(w, http.StatusOK, all)
	return nil
}

func (s *Server) addConnector(w http.ResponseWriter, r *http.Request) error {
	var o clienttest.ConnectorOptions
	var kanzlei string
	err := strict.Only(w, r, strict.Members{"kanzlei": &kanzlei, "addr": &o.Addr, "tls": &o.TLS, "hosts": &o.Hosts, "relay": &o.Relay})
	if err = cmp.Or(err, check(kanzlei == "", "kanzlei is missing")); err != nil {
		return err
	}
	s.offices.mu.Lock()
	defer s.offices.mu.Unlock()
	switch {
	case s.offices.find(kanzlei) != nil:
		return strict.Refusef(http.StatusConflict, "kanzlei %s has a connector already", strict.Cut(kanzlei))
	case len(s.offices.connectors) >= maxConnector:
		return strict.Refusef(http.StatusConflict, "there are %d connectors already", maxConnector)
	}
	handle, err := s.fake.AddConnector(kanzlei, o)
	if err != nil {
		return inConnector(err)
	}
	c := &connector{kanzlei: kanzlei, handle: handle}
	s.offices.connectors = append(s.offices.connectors, c)
	reply(w, http.StatusCreated, c.shown())
	return nil
}

func (o *offices) find(kanzlei string) *connector {
	for _, c := range o.connectors {
		if c.kanzlei == kanzlei {
			return c
		}
	}
	return nil
}

// onConnector changes the connector that a body names.
func (s *Server) onConnector(w http.ResponseWriter, r *http.Request, more strict.Members, change func(*connector) error) error {
	var kanzlei string
	err := strict.Only(w, r, strict.Members{"kanzlei": &kanzlei}.With(more))
	if err = cmp.Or(err, check(kanzlei == "", "kanzlei is missing")); err != nil {
		return err
	}
	s.offices.mu.Lock()
	defer s.offices.mu.Unlock()
	c := s.offices.find(kanzlei)
	if c == nil {
		return strict.Refusef(http.StatusNotFound, "kanzlei %s has no connector", strict.Cut(kanzlei))
	}
	if err := change(c); err != nil {
		return inConnector(err)
	}
	reply(w, http.StatusOK, c.shown())
	return nil
}

func (s *Server) moveConnector(w http.ResponseWriter, r *http.Request) error {
	var addr string
	return s.onConnector(w, r, strict.Members{"addr": &addr}, func(c *connector) error {
		err := c.handle.Move(addr)
		c.closed = c.closed && err != nil
		return err
	})
}

func (s *Server) closeConnector(w http.ResponseWriter, r *http.Request) error {
	return s.onConnector(w, r, nil, func(c *connector) error {
		c.handle.Close()
		c.closed = true
		return nil
	})
}

func (s *Server) openConnector(w http.ResponseWriter, r *http.Request) error {
	return s.onConnector(w, r, nil, func(c *connector) error {
		err := c.handle.Open()
		c.closed = c.closed && err != nil
		return err
	})
}
