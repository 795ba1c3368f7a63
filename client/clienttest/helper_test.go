package clienttest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// credentials are a right token request of somebody at some time.
func credentials(id clienttest.Identity, at time.Time) map[string]any {
	body := map[string]any{
		"AppID": id.AppID, "Kanzlei": id.Kanzlei, "Database": id.Database, "User": id.User,
		"Password": id.Password, "Role": id.Role, "Product": id.Product, "Nonce": uuid4(),
		"RequestTimeStamp": at.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	sign(body, id.APIKey)
	return body
}

func sandbox(s *clienttest.Server) clienttest.Identity {
	o := s.Options()
	return clienttest.Identity{AppID: o.AppID, APIKey: o.APIKey, Kanzlei: o.Kanzlei, Database: o.Database,
		User: o.User, Password: o.Password, Product: o.Product, Role: o.Role}
}

func sign(body map[string]any, apiKey string) {
	key, err := base64.StdEncoding.DecodeString(apiKey)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha512.New, key)
	fmt.Fprintf(mac, "%v:%v:%v:%v", body["Product"], body["AppID"], body["Nonce"], body["RequestTimeStamp"])
	body["HMAC512Signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func uuid4() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

type reply struct {
	*http.Response
	text string
	json map[string]any // nil if it is no object
}

// send sends a request; header lines are "Name: value".
func send(t *testing.T, s *clienttest.Server, method, path, body string, header ...string) reply {
	t.Helper()
	r, err := try(t, s, method, path, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func try(t *testing.T, s *clienttest.Server, method, path, body string, header ...string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(s.BaseURL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	client := s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{Response: res, text: string(text)}
	json.NewDecoder(bytes.NewReader(text)).Decode(&r.json)
	return r, nil
}

const isJSON = "Content-Type: application/json"

func askToken(t *testing.T, s *clienttest.Server, body string) reply {
	t.Helper()
	return send(t, s, "POST", "/api/v1/Token", body, isJSON)
}

// fetch gets a token as a client would.
func fetch(t *testing.T, s *clienttest.Server) string {
	t.Helper()
	r := askToken(t, s, toJSON(credentials(sandbox(s), time.Now())))
	token, _ := r.json["access_token"].(string)
	if r.StatusCode != http.StatusOK || token == "" {
		t.Fatalf("no token: %d %s", r.StatusCode, r.text)
	}
	return token
}

// call calls the API with a token; a body is JSON.
func call(t *testing.T, s *clienttest.Server, token, method, path, body string) reply {
	t.Helper()
	return send(t, s, method, path, body, isJSON, "Authorization: Bearer "+token)
}

func (r reply) wants(t *testing.T, status int) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d: %s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.text)
	}
}

// blames checks a refusal: its status, the field it names and that it says
// something.
func (r reply) blames(t *testing.T, status int, field string) {
	t.Helper()
	r.wants(t, status)
	got, _ := r.json["field"].(string)
	message, _ := r.json["message"].(string)
	if got != field || message == "" {
		t.Errorf("blames %q, want %q: %s", got, field, r.text)
	}
}
