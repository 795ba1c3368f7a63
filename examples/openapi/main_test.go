package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advotime"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
	"github.com/advoware-go/advoware/examples/openapi/api"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

func TestSearch(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	r := exampletest.Run(t, exampletest.Env(fake), "-search", "Özdemir")
	if r.Status != 0 || !strings.HasPrefix(r.Stdout, "00023/26 ") || strings.Count(r.Stdout, "\n") != 1 {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	fake.RevokeAll() // a 401 is not seen by the generated code
	if r := exampletest.Run(t, exampletest.Env(fake)); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
	for want, fault := range map[string]clienttest.Fault{
		"403 Forbidden: ": {Status: http.StatusForbidden},
		"502 Bad Gateway": {Status: http.StatusBadGateway, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}},
	} {
		fault.On = clienttest.API
		fake.Inject(fault)
		if r := exampletest.Run(t, exampletest.Env(fake)); r.Status != 1 || !strings.Contains(r.Stderr, want) {
			t.Errorf("want %s: status %d\n%s", want, r.Status, r.Stderr)
		}
	}
}

// The generated code is what the pinned generator makes of the document.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "api.gen.go")
	cmd := exec.Command("go", "tool", "oapi-codegen", "-config", "oapi-codegen.yaml", "-o", file, "openapi.yaml")
	cmd.Env = append(os.Environ(), "GOFLAGS=") // those of the tests would compile it anew
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("api/api.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/api.gen.go is not made of openapi.yaml: go generate ./openapi")
	}
}

// checked is a transport that holds each request and each answer against the document.
type checked struct {
	t      *testing.T
	router routers.Router
	base   http.RoundTripper
	seen   map[string]bool
}

func (c *checked) RoundTrip(req *http.Request) (*http.Response, error) {
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		c.t.Errorf("%s %s is not in the document: %v", req.Method, req.URL, err)
		return c.base.RoundTrip(req)
	}
	c.seen[route.Operation.OperationID] = true
	asked := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(req.Context(), asked); err != nil {
		c.t.Errorf("%s %s: %v", req.Method, req.URL, err)
	}
	res, err := c.base.RoundTrip(req)
	if err != nil {
		return res, err
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: res.StatusCode, Header: res.Header, Body: res.Body, Options: asked.Options,
	}
	if err := openapi3filter.ValidateResponse(req.Context(), answer); err != nil {
		c.t.Errorf("%s %s: %v", req.Method, req.URL, err)
	}
	res.Body = answer.Body // what was read is put back
	return res, nil
}

// What the fake answers is what the document says, for each operation and for refusals.
func TestDocumentIsTrue(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg, fake := advowaretest.Config(t, clienttest.Options{Rows: 500})
	doc.Servers = openapi3.Servers{{URL: strings.TrimSuffix(fake.BaseURL(), "/")}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	check := &checked{t: t, router: router, base: c.HTTPClient().Transport, seen: make(map[string]bool)}
	generated, err := api.NewClientWithResponses(cfg.BaseURL, api.WithHTTPClient(&http.Client{Transport: check}))
	if err != nil {
		t.Fatal(err)
	}

	ctx := t.Context()
	if r, err := generated.ListEmployeesWithResponse(ctx, &api.ListEmployeesParams{Limit: new(3)}); err != nil || len(*r.JSON200) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	found, err := generated.SearchCasesWithResponse(ctx, &api.SearchCasesParams{})
	if err != nil || len(*found.JSON200) != 500 {
		t.Fatal(err)
	}
	if r, err := generated.GetCaseWithResponse(ctx, (*found.JSON200)[7].Id); err != nil || r.JSON200.Id != (*found.JSON200)[7].Id {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := generated.GetCaseWithResponse(ctx, 1); err != nil || r.StatusCode() != http.StatusNotFound || r.JSONDefault == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := generated.ListTermineWithResponse(ctx, &api.ListTermineParams{Kuerzel: new("KS")}); err != nil || len(*r.JSON200) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	begin := time.Now().Add(time.Hour)
	made, err := generated.CreateTerminWithResponse(ctx, api.NewTermin{
		Anwalt: "KS", Text: "Besprechung", Datum: advotime.InUTC(begin), DatumBis: advotime.InUTC(begin.Add(time.Hour)),
	})
	if err != nil || made.JSON200 == nil {
		t.Fatalf("%+v, %v", made, err)
	}
	if r, err := generated.DeleteTerminWithResponse(ctx, &api.DeleteTerminParams{Frnr: *made.JSON200}); err != nil || r.StatusCode() != http.StatusNoContent {
		t.Errorf("deleting %s: %+v, %v", strconv.Itoa(*made.JSON200), r, err)
	}
	for _, path := range doc.Paths.Map() {
		for _, operation := range path.Operations() {
			if !check.seen[operation.OperationID] {
				t.Errorf("%s was not called", operation.OperationID)
			}
		}
	}
}
