package gateway_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

// A client that runs for weeks does not fill the memory of the fake.
func TestNoncesAreForgottenInTheEnd(t *testing.T) {
	g := gateway.Gateway{Window: -1}
	req := httptest.NewRequest("POST", "/", nil)
	req.Header.Set("Content-Type", "application/json")
	used := func(nonce any) bool { // the app is not known; the nonce is used up anyhow
		body := fmt.Appendf(nil, `{"AppID":"","Kanzlei":"","Database":"","User":"","Password":"","Role":0,"Product":0,`+
			`"Nonce":"%v","HMAC512Signature":"","RequestTimeStamp":"2026-02-07T09:23:49Z"}`, nonce)
		_, refused := g.Check(req, body, time.Now())
		if refused == nil {
			t.Fatal("nobody may log in, and somebody did")
		}
		return strings.Contains(string(refused.Body), "verwendet")
	}
	if used("first") || !used("first") {
		t.Error("a nonce is new once")
	}
	for i := range 10_000 {
		if used(i) {
			t.Fatalf("%d was not used before", i)
		}
	}
	if !used(1) || !used(10_000-1) {
		t.Error("a nonce was forgotten too early")
	}
	if used("first") {
		t.Error("the first of 10,001 nonces is still remembered")
	}
}
