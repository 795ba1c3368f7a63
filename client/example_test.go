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
	"time"

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
		Store: new(store.Map), Key: "example", Fetch: gw.Fetch, Errors: gateway.Errors{}, Logger: quiet,
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

// The header of a good answer, and options for one call.
func ExampleWithAnswer() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	var made client.Answer
	appointment, err := client.Post[map[string]any](context.Background(), c, "/appointments",
		map[string]string{"datum": "2026-03-02", "text": "Gütetermin"},
		client.WithAnswer(&made), client.WithTimeout(5*time.Second), client.WithHeader("X-Reason", "Umladung"), client.WithNumber())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(made.Status, made.Header.Get("Location"), appointment["text"])
	// Output: 201 /appointments/125 Gütetermin
}

// An array inside an object, element by element.
func ExampleEach_field() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()
	fake.Inject(clienttest.Fault{On: clienttest.API, Body: `{"count": 2, "data": {"items": [{"betreff": "Kauf"}, {"betreff": "Miete"}]}}`})

	type akte struct{ Betreff string }
	for a, err := range client.Each[akte](context.Background(), c, client.Request{Endpoint: "/api/v1/Akten", Field: "data/items"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(a.Betreff)
	}
	// Output:
	// Kauf
	// Miete
}

// A document of any size: it is read while it arrives, and only a pause ends it.
func ExampleOpen() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()
	fake.Inject(clienttest.Fault{On: clienttest.API, Body: "%PDF-1.7 …", Header: http.Header{"Content-Type": {"application/pdf"}}})

	resp, err := client.Open(context.Background(), c, client.Request{Endpoint: "/api/v1/File", Query: url.Values{"id": {"7"}}, Timeout: time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	fmt.Println(resp.Header.Get("Content-Type"), n, err)
	// Output: application/pdf 12 <nil>
}

// A form with a file in it, which is read while it is sent.
func ExampleMultipart() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	file := strings.NewReader("%PDF-1.7") // or an *os.File
	sent, err := client.Post[clienttest.Echo](context.Background(), c, "/api/v1/Echo", client.Multipart(
		client.Part{Name: "titel", Value: "Klageschrift"},
		client.Part{Name: "datei", FileName: "klage.pdf", ContentType: "application/pdf", Reader: file},
	))
	if err != nil {
		log.Fatal(err)
	}
	contentType, _, _ := strings.Cut(sent.Header.Get("Content-Type"), ";")
	fmt.Println(contentType, strings.Contains(sent.Body, "%PDF-1.7"))
	// Output: multipart/form-data true
}

// A file as the whole body, and a form without one.
func ExampleRaw() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	ctx := context.Background()
	csv := client.Raw{ContentType: "text/csv", Reader: strings.NewReader("a;b")}
	form := client.Form(url.Values{"kuerzel": {"JM"}})
	for _, body := range []client.Raw{csv, form} {
		sent, err := client.Put[clienttest.Echo](ctx, c, "/api/v1/Echo", body)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sent.Header.Get("Content-Type"), sent.Body)
	}
	// Output:
	// text/csv a;b
	// application/x-www-form-urlencoded kuerzel=JM
}

// A request for Do, joined to the base URL as Call does it.
func ExampleClient_NewRequest() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	req, err := c.NewRequest(context.Background(), "HEAD", "/employees", url.Values{"limit": {"2"}}, nil)
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

// What to do after a write that failed: only what was certainly not sent may be made
// again without a look at what is there.
func ExampleCallError() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()
	ctx := context.Background()

	fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true})
	_, lost := client.Post[int](ctx, c, "/appointments", map[string]string{"text": "Termin"})
	_, unsent := client.Post[int](ctx, c, "/appointments?q=100%", map[string]string{"text": "Termin"})
	for _, err := range []error{lost, unsent} {
		var call *client.CallError
		if errors.As(err, &call) {
			fmt.Println(call.Sent, errors.Is(err, client.ErrNotSent))
		}
	}
	// Output:
	// true false
	// false true
}

// A POST is made again for as long as it was certainly not sent, and no further: an answer
// that was lost may have been that of an appointment which is there now.
func ExampleErrNotSent() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	create := func(ctx context.Context, text string) (id int, err error) {
		for range 3 {
			id, err = client.Post[int](ctx, c, "/appointments", map[string]string{"datum": "2026-03-02", "text": text}, client.WithField("id"))
			if !errors.Is(err, client.ErrNotSent) {
				return id, err
			}
			// Wait here, as long as ctx allows.
		}
		return 0, err
	}
	for _, text := range []string{"Besprechung", "Verhandlung"} {
		id, err := create(context.Background(), text)
		switch {
		case err == nil:
			fmt.Println("made:", id > 0)
		case errors.Is(err, client.ErrMaybeDone):
			fmt.Println("look whether it is there before making it again")
		case errors.Is(err, client.ErrNotSent):
			fmt.Println("not made; later, maybe")
		default:
			fmt.Println("refused by the API:", err)
		}
		fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true}) // the answer to the next one is lost
	}
	// Output:
	// made: true
	// look whether it is there before making it again
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
