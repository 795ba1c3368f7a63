package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// An answer that is packed in a way that nobody asked for says so, and not that its
// character set is wrong or that it is no JSON.
func TestPackedAnswerIsNamed(t *testing.T) {
	for name, body := range map[string]string{"br": "\x8b\x02\x80{}\x03", "gzip, gzip": "\x1f\x8b\x08\x00", "zstd": "\x28\xb5\x2f\xfd\x04\x00", "compress": "packed"} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			return answer(req, 200, body, "Content-Encoding: "+name, "Content-Type: application/json"), nil
		})
		_, err := c.Call(t.Context(), client.Request{})
		check := func(how string, err error) {
			if !errors.Is(err, client.ErrNotJSON) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s, %s: %v", how, name, err)
			}
		}
		check("Call", err)
		err = nil
		for _, err = range client.Each[int](t.Context(), c, client.Request{}) {
			if err == nil {
				t.Error("an element of it")
			}
		}
		check("Each", err)
	}
	// One that is not packed, whatever it is called, is read.
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		return answer(req, 200, "[1]", "Content-Encoding: utf-8"), nil
	})
	if body, err := c.Call(t.Context(), client.Request{}); string(body) != "[1]" || err != nil {
		t.Errorf("%s, %v", body, err)
	}
}
