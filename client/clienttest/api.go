package clienttest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
	"github.com/advoware-go/advoware/client/clienttest/internal/office"
)

const echoPath = "/api/v1/Echo"

// callAPI answers a request to anything but the other endpoints.
func (s *Server) callAPI(r *http.Request, body []byte) *answer.Answer {
	id, refused := s.authorize(r)
	if refused != nil {
		return refused
	}
	if c := s.connectors.of(id.Kanzlei); c != nil && !c.relay && connectorOf(r) == nil {
		return NotConnected.answer(0)
	}
	if r.URL.Path == echoPath || strings.HasPrefix(r.URL.Path, echoPath+"/") {
		return echo(r, id, body)
	}
	o := s.offices.Of(office.Options{Seed: s.opts.Seed, Name: id.Kanzlei, Now: s.now, Around: s.opts.Start, Rows: s.opts.Rows})
	return o.Answer(r, body)
}

// authorize asks for exactly one valid bearer.
func (s *Server) authorize(r *http.Request) (gateway.Identity, *answer.Answer) {
	message := "Es wurde kein Zugriffstoken übergeben."
	if token, ok := gateway.Bearer(r.Header); ok {
		if id, valid := s.tokens.Find(token, s.now()); valid && connectorOf(r).serves(id.Kanzlei) {
			return id, nil
		}
		message = "Das Zugriffstoken ist ungültig oder abgelaufen."
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

func echo(c *http.Request, id gateway.Identity, body []byte) *answer.Answer {
	header := c.Header.Clone()
	header.Del("Authorization")
	return answer.JSON(http.StatusOK, Echo{
		Method: c.Method, Path: c.URL.EscapedPath(), Query: c.URL.Query(), RawQuery: c.URL.RawQuery,
		Host: c.Host, Header: header, Length: c.ContentLength,
		Body: strings.ToValidUTF8(string(body), string(utf8.RuneError)),
		Identity: map[string]string{
			"AppID": id.AppID, "Product": strconv.Itoa(id.Product),
			"Kanzlei": id.Kanzlei, "Database": id.Database,
			"User": id.User, "Role": strconv.Itoa(id.Role),
		},
	})
}
