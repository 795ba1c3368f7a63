package clienttest

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

const echoPath = "/api/v1/Echo"

// call is a request to the API that carries a valid token.
type call struct {
	*http.Request
	identity gateway.Identity
	body     []byte
	id       string // the last part of the path, for a resource that has one
}

// methods is what a resource can do. HEAD comes with GET.
type methods map[string]func(*call) *answer.Answer

// routes lists the resources by exact path; {id} stands for the last part of it.
func (s *Server) routes() map[string]methods {
	d := s.appointments
	return map[string]methods{
		"/employees":         {"GET": func(c *call) *answer.Answer { return list(c, employees) }},
		"/employees/{id}":    {"GET": func(c *call) *answer.Answer { return one(c, employees) }},
		"/api/v1/Akten":      {"GET": func(c *call) *answer.Answer { return list(c, cases) }},
		"/api/v1/Akten/{id}": {"GET": func(c *call) *answer.Answer { return one(c, cases) }},
		"/appointments":      {"GET": d.list, "POST": d.create},
		"/appointments/{id}": {"GET": d.get, "PUT": d.update, "PATCH": d.update, "DELETE": d.delete},
	}
}

// callAPI answers a request to anything but the token endpoint.
func (s *Server) callAPI(r *http.Request, body []byte) *answer.Answer {
	id, refused := s.authorize(r)
	if refused != nil {
		return refused
	}
	c := &call{Request: r, identity: id, body: body}
	if r.URL.Path == echoPath || strings.HasPrefix(r.URL.Path, echoPath+"/") {
		return echo(c)
	}
	resource, ok := s.api[r.URL.Path]
	if !ok {
		var dir string
		dir, c.id = path.Split(r.URL.Path)
		if resource, ok = s.api[dir+"{id}"]; !ok || c.id == "" {
			return answer.NotFound()
		}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	do, ok := resource[method]
	if !ok {
		return answer.MethodNotAllowed(resource.allowed()...)
	}
	return do(c)
}

func (m methods) allowed() []string {
	var names []string
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return names
}

// authorize asks for exactly one valid bearer.
func (s *Server) authorize(r *http.Request) (gateway.Identity, *answer.Answer) {
	message := "Es wurde kein Zugriffstoken übergeben."
	if values := r.Header["Authorization"]; len(values) == 1 {
		if token, ok := strings.CutPrefix(values[0], "Bearer "); ok {
			if id, valid := s.tokens.Find(token, s.now()); valid {
				return id, nil
			}
			message = "Das Zugriffstoken ist ungültig oder abgelaufen."
		}
	}
	a := answer.Refusal(http.StatusUnauthorized, "Authorization", message)
	a.Header.Set("WWW-Authenticate", "Bearer")
	return gateway.Identity{}, a
}

// Echo is the answer of api/v1/Echo and of every path below it, to any method:
// the request as it arrived, but for the Authorization header, and who the token
// belongs to.
type Echo struct {
	Method   string            `json:"method"`
	Path     string            `json:"path"` // still escaped
	Query    url.Values        `json:"query"`
	RawQuery string            `json:"raw_query"`
	Host     string            `json:"host"`
	Header   http.Header       `json:"header"`
	Length   int64             `json:"content_length"` // as declared, -1 if it was not
	Body     string            `json:"body"`           // bytes that are not UTF-8 as U+FFFD
	Identity map[string]string `json:"identity"`       // AppID, Product, Kanzlei, Database, User, Role
}

func echo(c *call) *answer.Answer {
	header := c.Header.Clone()
	header.Del("Authorization")
	return answer.JSON(http.StatusOK, Echo{
		Method: c.Method, Path: c.URL.EscapedPath(), Query: c.URL.Query(), RawQuery: c.URL.RawQuery,
		Host: c.Host, Header: header, Length: c.ContentLength,
		Body: strings.ToValidUTF8(string(c.body), string(utf8.RuneError)),
		Identity: map[string]string{
			"AppID": c.identity.AppID, "Product": strconv.Itoa(c.identity.Product),
			"Kanzlei": c.identity.Kanzlei, "Database": c.identity.Database,
			"User": c.identity.User, "Role": strconv.Itoa(c.identity.Role),
		},
	})
}
