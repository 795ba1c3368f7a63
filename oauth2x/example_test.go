package oauth2x_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/oauth2x"
	"github.com/advoware-go/advoware/store"
)

// Another API, whose tokens x/oauth2 requests: with client.New around the Source, a 401 costs
// one call more instead of an error.
func ExampleFetch() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			fmt.Fprint(w, `{"access_token":"a-token","token_type":"bearer","expires_in":3600}`)
			return
		}
		fmt.Fprintf(w, `{"authorized":%v}`, r.Header.Get("Authorization") == "Bearer a-token")
	}))
	defer srv.Close()
	quiet := slog.New(slog.DiscardHandler)

	login := clientcredentials.Config{ClientID: "id", ClientSecret: "secret", TokenURL: srv.URL + "/token"}
	source, err := token.New(token.Config{
		Store: new(store.Map), Key: "another-api", Credentials: login.ClientID + "\n" + login.ClientSecret,
		Fetch:  oauth2x.Fetch(func(ctx context.Context) oauth2.TokenSource { return login.TokenSource(ctx) }, store.Margins{}),
		Errors: oauth2x.Errors{}, Logger: quiet,
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: srv.URL, Source: source, Logger: quiet})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	answer, err := c.Call(context.Background(), client.Request{Endpoint: "/things"})
	fmt.Println(string(answer), err)
	// Output: {"authorized":true} <nil>
}
