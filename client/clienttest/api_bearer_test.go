package clienttest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// The answer with a token has "token_type": "bearer", and programs in use write that
// before the token. The case of a scheme does not matter (RFC 9110, section 11.1).
func TestSchemeAsTheAnswerHasIt(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	body := "\xef\xbb\xbf" + toJSON(credentials(sandbox(s), time.Now())) // as .NET may begin it
	r := askToken(t, s, body)
	r.wants(t, http.StatusOK)
	scheme, _ := r.json["token_type"].(string)
	token, _ := r.json["access_token"].(string)
	for _, scheme := range []string{scheme, "Bearer", "BEARER"} {
		send(t, s, "GET", "/employees", "", "Authorization: "+scheme+" "+token).wants(t, http.StatusOK)
	}
	for _, value := range []string{token, "Basic " + token, "Bearer" + token, "Bearer\u00a0" + token} {
		send(t, s, "GET", "/employees", "", "Authorization: "+value).blames(t, http.StatusUnauthorized, "Authorization")
	}

	log := s.Requests()
	if got := log[0]; got.Kanzlei != s.Options().Kanzlei || !strings.Contains(string(got.Body), `"User":"sandbox-user"`) {
		t.Errorf("the token request in the log: Kanzlei %q, %s", got.Kanzlei, got.Body)
	}
	for _, got := range log[1:4] {
		if len(got.Token) != 8 || got.Kanzlei != s.Options().Kanzlei || !strings.Contains(got.Header.Get("Authorization"), got.Token) {
			t.Errorf("a call in the log: token %q, Kanzlei %q, %q", got.Token, got.Kanzlei, got.Header)
		}
	}
	for _, got := range log {
		if strings.Contains(toJSON(got), token) {
			t.Errorf("the token is in the log: %+v", got)
		}
	}
}

// A thousand requests are remembered, so the length of a header has a bound, and a token
// request that is refused for it is none.
func TestLongHeader(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	auth := "Authorization: Bearer " + token
	send(t, s, "GET", "/employees", "", auth, "X: "+strings.Repeat("x", 60_000)).wants(t, http.StatusOK)
	send(t, s, "GET", "/employees", "", auth, "X: "+strings.Repeat("x", 100_000)).wants(t, http.StatusRequestHeaderFieldsTooLarge)
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests in the log, want the first one", n)
	}
}
