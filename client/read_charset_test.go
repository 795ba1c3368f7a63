package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// What names a character set may repeat the token, and is cut only when that is out of it.
func TestCharsetThatIsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		tok := w.warm(t)
		for _, body := range []string{"\"\xff\"", `"\u00e4"` + "\xff"} {
			for _, contentType := range []string{"text/json; charset=" + tok, "text/json; x=" + tok, "text/json; charset=utf-16; x=" + tok} {
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: 2, Body: body, Header: http.Header{"Content-Type": {contentType}}})
				_, err := w.Call(t.Context(), client.Request{Endpoint: "/employees"})
				for _, e := range client.Each[int](t.Context(), w.Client, client.Request{Endpoint: "/employees"}) {
					for _, err := range []error{err, e} {
						if text := fmt.Sprintf("%v %+v", err, err); err == nil || strings.Contains(text, tok[:20]) || len(text) > 4<<10 {
							t.Errorf("got %.300q", text)
						}
					}
				}
			}
		}
	})
}
