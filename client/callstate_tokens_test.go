package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// A server may say of the second attempt what was wrong with the token of the first, which
// other endpoints may still take.
func TestTokenOfTheFirstAttemptIsHidden(t *testing.T) {
	for name, fault := range map[string]func(tok string) clienttest.Fault{
		"body": func(tok string) clienttest.Fault { return clienttest.Fault{Status: 403, Body: "revoked: " + tok} },
		"header": func(tok string) clienttest.Fault {
			return clienttest.Fault{Status: 403, Header: http.Header{"X-Revoked": {tok}}}
		},
		"type": func(tok string) clienttest.Fault {
			return clienttest.Fault{Body: "x", Header: http.Header{"Content-Type": {"text/" + tok}}}
		},
		"charset": func(tok string) clienttest.Fault {
			return clienttest.Fault{Body: "\"\xff\"", Header: http.Header{"Content-Type": {"text/json; charset=" + tok}}}
		},
		"name": func(tok string) clienttest.Fault { return clienttest.Fault{Body: `{"` + tok + `": {}}`} },
		"no good type": func(tok string) clienttest.Fault {
			return clienttest.Fault{Body: `[{"a` + tok[:5] + `": "` + tok + `"}]`}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{})
				tok := w.warm(t)
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
				f := fault(tok)
				f.On = clienttest.API
				w.fake.Inject(f)
				_, err := client.Get[map[string]int](t.Context(), w.Client, "/employees", nil)
				text := fmt.Sprintf("%v %+v %#v", err, err, err)
				var api *client.APIError
				if errors.As(err, &api) {
					text += fmt.Sprint(string(api.Body), api.Header)
				}
				if err == nil || strings.Contains(text, tok[:20]) || w.bearer() == tok {
					t.Errorf("got %.400q", text)
				}
			})
		})
	}
}
