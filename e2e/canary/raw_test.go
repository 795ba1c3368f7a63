//go:build !race

package canary_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"

	"github.com/advoware-go/advoware/internal/redistest"
)

// rawServer answers each request with what fn makes of it, which need not be HTTP.
func rawServer(t *testing.T, fn func(req *http.Request, body []byte) string) (base string) {
	t.Helper()
	return "http://" + redistest.Listen(t, func(c net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(req.Body)
		_, _ = io.WriteString(c, fn(req, body))
		_, _ = io.Copy(io.Discard, c) // so that the client ends the connection
	}) + "/"
}

// notHTTP are answers that net/http cannot make sense of, and some of which it
// repeats in its errors or in the log of the process.
var notHTTP = []string{
	"%s\r\n\r\n",
	"HTTP/1.1 %s\r\n\r\n",
	"HTTP/1.1%s 200 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\n%s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: y\r\n%s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
	"HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n%s\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}%s",
	"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}%s",
	"HTTP/1.1 100 %[1]s\r\n%[1]s\r\n\r\n",
}

func TestCanaryGatewayThatIsNoHTTP(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	k.secret(oddToken)
	for _, form := range notHTTP {
		for _, what := range []string{"password", "token", "signature"} {
			k.cfg.TokenURL = rawServer(t, func(_ *http.Request, body []byte) string {
				secret := map[string]string{"password": canaryPassword, "token": oddToken, "signature": k.signature(body)}[what]
				return fmt.Sprintf(form, secret)
			})
			c := k.client()
			if err := k.try("Refresh", func() error { _, err := c.Source().Refresh(t.Context()); return err }); err == nil {
				t.Errorf("%q: no error", form)
			}
			_ = c.Close()
		}
	}
	k.end()
}

func TestCanaryAPIThatIsNoHTTP(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	quoted, _ := json.Marshal(oddToken)
	k.fake.Inject(clienttest.Fault{Body: `{"access_token":` + string(quoted) + `}`, Times: -1})
	k.secret(oddToken)
	for _, form := range notHTTP {
		if strings.HasSuffix(form, "{}%s") {
			continue // net/http writes it to the log of the process, and only that can keep it quiet
		}
		k.cfg.BaseURL = rawServer(t, func(req *http.Request, _ []byte) string {
			return fmt.Sprintf(form, strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
		})
		c := k.client()
		_ = k.call(c, "/employees")
		_ = c.Close()
	}
	k.end()
}
