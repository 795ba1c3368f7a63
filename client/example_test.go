package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
)

// open makes a Client by hand, for a fake Advoware. A program that is configured
// by its environment has advoware.Open for all of this.
func open(fake *clienttest.Server) *client.Client {
	o := fake.Options()
	key, err := signer.ParseKey(o.APIKey)
	if err != nil {
		log.Fatal(err)
	}
	gw, err := gateway.New(gateway.Config{
		URL: fake.TokenURL(), App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database,
		User: o.User, Password: secret.New(o.Password), Key: key,
	})
	if err != nil {
		log.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	source, err := token.New(token.Config{
		Store: new(store.Map), Key: "example", Fetch: gw.Fetch, Classify: gateway.Classify, Logger: quiet,
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: fake.BaseURL(), Source: source, Logger: quiet})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func sandbox() *clienttest.Server {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return fake
}

func ExampleGet() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	type employee struct {
		Kuerzel, Vorname, Nachname string
	}
	found, err := client.Get[[]employee](context.Background(), c, "/employees", url.Values{"limit": {"2"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range found {
		fmt.Println(e.Kuerzel, e.Vorname, e.Nachname)
	}
	// Output:
	// JM Jördis Müller-Lüdenscheidt
	// KS Karl-Heinz Schäfer
}

func ExampleClient_Call() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	raw, err := c.Call(context.Background(), client.Request{
		Method:   http.MethodPut,
		Endpoint: "/appointments/121",
		Body:     map[string]string{"text": "Gütetermin verlegt"},
	})
	fmt.Printf("%.40s… %v\n", raw, err)

	_, err = c.Call(context.Background(), client.Request{Endpoint: "/appointments/7"})
	var api *client.APIError
	if errors.As(err, &api) {
		fmt.Println(api.Status, api.Path, errors.Is(err, client.ErrNotFound))
	}
	// Output:
	// {"id":121,"datum":"2026-02-09","uhrzeitV… <nil>
	// 404 /appointments/7 true
}

// For what is not JSON, and for statuses that are no errors.
func ExampleClient_Do() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	req, err := http.NewRequest("HEAD", fake.BaseURL()+"employees", nil)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("X-Total-Count"))
	// Output: 200 OK 8
}

// generated stands for the code that a generator makes of an API description: it
// wants a server, and something that does requests.
type generated struct {
	server string
	doer   interface {
		Do(*http.Request) (*http.Response, error)
	}
}

func (g generated) createAppointment(ctx context.Context, body string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", g.server+"appointments", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := g.doer.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func ExampleClient_HTTPClient() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	api := generated{server: fake.BaseURL(), doer: c.HTTPClient()}
	fmt.Println(api.createAppointment(context.Background(), `{"datum":"2026-03-02","text":"Termin"}`))
	fake.RevokeAll() // it need not know of that
	fmt.Println(api.createAppointment(context.Background(), `{"datum":"2026-03-03","text":"Termin"}`))
	// Output:
	// 201 <nil>
	// 201 <nil>
}

// A Transport goes into any http.Client, as that of golang.org/x/oauth2 does.
func ExampleTransport() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	origin, err := url.Parse(fake.BaseURL())
	if err != nil {
		log.Fatal(err)
	}
	h := &http.Client{Transport: &client.Transport{Source: c.Source(), Origin: origin}}
	defer h.CloseIdleConnections()
	resp, err := h.Get(fake.BaseURL() + "employees")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 200 OK
}
