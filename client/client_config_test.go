package client_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

func TestNewChecksItsConfig(t *testing.T) {
	source := newSource(t, "tok-1")
	for name, tt := range map[string]struct {
		cfg  client.Config
		want []string // in the error; none is no error
	}{
		"defaults":   {client.Config{Source: source}, nil},
		"loopback":   {client.Config{Source: source, BaseURL: "http://127.0.0.1:8080"}, nil},
		"allowed":    {client.Config{Source: source, BaseURL: "http://api.test", AllowInsecure: true}, nil},
		"no source":  {client.Config{}, []string{"Source"}},
		"plain":      {client.Config{Source: source, BaseURL: "http://api.test"}, []string{"BaseURL", "https"}},
		"password":   {client.Config{Source: source, BaseURL: "https://u:swordfish@api.test"}, []string{"BaseURL"}},
		"nil base":   {client.Config{Source: source, Base: (*http.Transport)(nil)}, []string{"Base is a nil pointer"}},
		"nil func":   {client.Config{Source: source, Base: roundTrip(nil)}, []string{"Base is a nil pointer"}},
		"everything": {client.Config{BaseURL: "://"}, []string{"BaseURL", "Source"}},
		"no scheme":  {client.Config{Source: source, BaseURL: "api.test"}, []string{"BaseURL"}},
		"query":      {client.Config{Source: source, BaseURL: "https://api.test/?a=swordfish"}, []string{"BaseURL"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := client.New(tt.cfg)
			if (err == nil) != (tt.want == nil) || (c == nil) != (err != nil) {
				t.Fatalf("got %v, %v", c, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "client: ") {
					t.Errorf("%v does not name %s", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "swordfish") {
				t.Errorf("the error repeats the URL: %v", err)
			}
		})
	}
}

// A program may have put an instrumented transport into net/http.
func TestNewWithAnotherDefaultTransport(t *testing.T) {
	old := http.DefaultTransport
	defer func() { http.DefaultTransport = old }()
	http.DefaultTransport = roundTrip(nil)
	if _, err := client.New(client.Config{Source: newSource(t, "tok-1")}); err != nil {
		t.Fatal(err)
	}
}
