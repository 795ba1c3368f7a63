package clienttest_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Three public programs talk to the vendor: the vendor's own calendar backend in PHP, a
// Node client, and a middleware in Python. What follows is what their requests are on
// the wire, written from how the programs and their HTTP libraries are known to write
// them; none of it is their code. The fake serves them as they are.

// wireClient is one of them: raw bytes on a TCP connection.
type wireClient struct {
	t    *testing.T
	addr string
	keep bool // one connection for all requests
	conn net.Conn
	in   *bufio.Reader
}

// do sends a request and returns the answer. In head and body, HOST is the address and
// LENGTH the length of the body.
func (c *wireClient) do(status int, head, body string) string {
	c.t.Helper()
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			c.t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute)) // a test that hangs says where
		c.conn, c.in = conn, bufio.NewReader(conn)
		c.t.Cleanup(func() { conn.Close() })
	}
	head = strings.NewReplacer("HOST", c.addr, "LENGTH", fmt.Sprint(len(body)), "\n", "\r\n").Replace(head)
	// In two writes, as Node does.
	for _, part := range []string{head + "\r\n", body} {
		if _, err := io.WriteString(c.conn, part); err != nil {
			c.t.Fatal(err)
		}
	}
	method, _, _ := strings.Cut(head, " ")
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("%s: %v", head, err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		c.t.Fatalf("%s%s\n%d, want %d: %s %v", head, body, res.StatusCode, status, text, err)
	}
	if !c.keep {
		c.conn.Close()
		c.conn = nil
	}
	return string(text)
}

func (c *wireClient) object(status int, head, body string) map[string]any {
	c.t.Helper()
	return parsed[map[string]any](c.t, c.do(status, head, body))
}

func (c *wireClient) array(head string) []map[string]any {
	c.t.Helper()
	return parsed[[]map[string]any](c.t, c.do(200, head, ""))
}

func parsed[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func signature(key, message string) string {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha512.New, raw)
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// clients is a fake with an identity for each of them, and an address of it.
func clients(t *testing.T, id clienttest.Identity, opts clienttest.Options) *wireClient {
	t.Helper()
	s := clienttest.Start(t, opts)
	if err := s.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	return &wireClient{t: t, addr: u.Host}
}

const testKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="

// The vendor's calendar backend: a nonce of 13 hex digits, a time with +0000, Product
// 1, slashes and umlauts escaped as PHP does, a connection for each request. It needs
// expiration_utc with a fraction.
func TestCalendarBackendIsServed(t *testing.T) {
	c := clients(t, clienttest.Identity{AppID: "Kalender_2.0", APIKey: testKey, Kanzlei: "Löhling & Partner", Database: "LOEHLING",
		User: "ÖY", Password: `geheim/"1"`, Product: 1, Role: 2}, clienttest.Options{})
	const library = "User-Agent: Httpful/0.2.20 (cURL/7.88.1 PHP/7.4.33 (Linux) nginx/1.22.1)\n"
	const accept = "Accept: */*; q=0.5, text/plain; q=0.8, text/html;level=3;q=0.9, application/json\n"

	found := c.object(200, "GET /AdvonetConfigurator/api/Url?Kanzlei=L%C3%B6hling+%26+Partner HTTP/1.1\nHost: HOST\n"+library+accept+"Content-Length: 0\n", "")
	if found["relayUrl"] != "http://"+c.addr+"/" || found["securityGateway"] != "http://"+c.addr+"/" {
		t.Errorf("discovery: %v", found)
	}
	nonce := "6987048f3c1a2"
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05+0000")
	token := c.object(200, "POST /api/v1/Token HTTP/1.1\nHost: HOST\n"+library+"Content-Type: application/json\n"+accept+"Content-Length: LENGTH\n",
		`{"AppID":"Kalender_2.0","Kanzlei":"L\u00f6hling & Partner","Database":"LOEHLING","User":"\u00d6Y","Role":2,"Product":1,`+
			`"Password":"geheim\/\"1\"","Nonce":"`+nonce+`","HMAC512Signature":"`+
			strings.ReplaceAll(signature(testKey, "1:Kalender_2.0:"+nonce+":"+stamp), "/", `\/`)+`","RequestTimeStamp":"`+stamp+`"}`)
	ends, fraction, ok := strings.Cut(token["expiration_utc"].(string), ".")
	if end, err := time.Parse("2006-01-02T15:04:05", ends); !ok || fraction == "" || err != nil || time.Until(end) < 50*time.Minute {
		t.Errorf("expiration_utc: %v", token["expiration_utc"])
	}
	bearer := "Authorization: Bearer " + token["access_token"].(string) + "\n"

	for path, id := range map[string]string{"TermineActiveSync": "Allgemein", "TodosActiveSync": "Pool"} {
		get := "GET /api/v1/advonet/" + path + "?from=2026-01-01&to=2038-01-19&kuerzel="
		for _, kuerzel := range []string{id, "%C3%96Y"} {
			for _, row := range c.array(get + kuerzel + " HTTP/1.1\nHost: HOST\n" + library + accept + bearer + "Content-Length: 0\n") {
				changed := row["ZuletztGeaendertAm"].(string)
				if row["FrNr"].(float64) < 1 || !strings.ContainsAny(changed, ".Z") {
					t.Errorf("%v", row)
				}
			}
		}
	}
	path := "/api/v1/advonet/TermineActiveSync"
	created := c.do(200, "POST "+path+" HTTP/1.1\nHost: HOST\n"+library+"Content-Type: application/json\nAccept: */*; q=0.5, text/plain; q=0.8, text/html;level=3;\n"+bearer+"Content-Length: LENGTH\n",
		`{"ZuletztGeaendertAm":"2026-02-07T09:23:49Z","Abwesenheit":1,"Ort":"Caf\u00e9","Datum":"2026-02-09T23:00:00Z","Text":"Urlaub",`+
			`"DatumBis":"2026-02-10T22:59:00Z","UhrzeitBis":"22:59:00","Privat":0,"ErinnerungsDatum":"2026-02-09T22:45:00Z","Erinnerung":1,"Notiz":"a\r\nb","Anwalt":"\u00d6Y","Sb":"\u00d6Y"}`)
	number := parsed[int](t, created)
	if strings.TrimSpace(created) != fmt.Sprint(number) {
		t.Errorf("POST answered %q", created)
	}
	one := fmt.Sprintf(" %s?frnr=%d HTTP/1.1\nHost: HOST\n%s", path, number, library)
	row := c.object(200, "GET"+one+accept+bearer+"Content-Length: 0\n", "")
	if row["Abwesenheit"] != 1.0 || row["Privat"] != 0.0 || row["UhrzeitBis"] != "22:59:00" || row["DatumBis"].(string)[:11] != "2026-02-10T" || row["Notiz"] != "a\r\nb" {
		t.Errorf("%v", row)
	}
	// It lays its changes over what it has read, and leaves out the ticks.
	row["Text"] = "Urlaub/Reise"
	delete(row, "UhrzeitBisTicks")
	body, _ := json.Marshal(row)
	c.do(200, "PUT"+one+"Content-Type: application/json\n"+accept+bearer+"Content-Length: LENGTH\n", strings.ReplaceAll(string(body), "/", `\/`))
	after := c.object(200, "GET"+one+accept+bearer+"Content-Length: 0\n", "")
	if after["Text"] != "Urlaub/Reise" || after["Ort"] != "Café" || after["RowId"] == row["RowId"] {
		t.Errorf("%v", after)
	}
	c.do(204, "DELETE"+one+accept+bearer+"Content-Length: 0\n", "")
	todo := parsed[int](t, c.do(200, "POST /api/v1/advonet/TodosActiveSync HTTP/1.1\nHost: HOST\n"+library+"Content-Type: application/json\n"+accept+bearer+"Content-Length: LENGTH\n",
		`{"ZuletztGeaendertAm":"2026-02-07T09:23:49Z","Status":"zur\u00fcckgestellt","Erledigt":"","Datum":"2026-02-10T09:00:00Z","Prioritaet":"Hoch","Privat":"1","Text":"Anruf","Kuerzel":"Pool","SB":"\u00d6Y"}`))
	if row := c.object(200, fmt.Sprintf("GET /api/v1/advonet/TodosActiveSync?frnr=%d HTTP/1.1\nHost: HOST\n%s%s%s", todo, library, accept, bearer), ""); row["Erledigt"] != "0" ||
		row["Privat"] != "1" || row["Status"] != "zurückgestellt" || row["Erledigt_Datum"] != "0001-01-01T00:00:00Z" {
		t.Errorf("%v", row)
	}
}

// The Node client: fetch writes header names in small letters, keeps the connection,
// and sends umlauts as they are. It looks only at connectorUrl, else relayUrl.
func TestNodeClientIsServed(t *testing.T) {
	c := clients(t, clienttest.Identity{AppID: "app-123", APIKey: testKey, Kanzlei: "KANZLEI-01", Database: "ADVOWARE",
		User: "bao", Password: "geheim<&>ü", Product: 64, Role: 2}, clienttest.Options{})
	c.keep = true
	const rest = "accept-language: *\nsec-fetch-mode: cors\nuser-agent: node\naccept-encoding: gzip, deflate\n"
	const plain = "host: HOST\nconnection: keep-alive\naccept: application/json\n" + rest

	found := c.object(200, "GET /AdvonetConfigurator/api/Url?Kanzlei=KANZLEI-01 HTTP/1.1\n"+plain, "")
	if found["connectorUrl"] != nil || found["relayUrl"] != "http://"+c.addr+"/" || found["securityGateway"] == "" {
		t.Errorf("discovery: %v", found)
	}
	nonce := "3f2b8c1e-9d47-4c56-8a0b-1e2d3c4b5a69"
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	token := c.object(200, "POST /api/v1/Token HTTP/1.1\nhost: HOST\nconnection: keep-alive\ncontent-type: application/json\naccept: application/json\n"+rest+"content-length: LENGTH\n",
		`{"AppID":"app-123","Kanzlei":"KANZLEI-01","Database":"ADVOWARE","User":"bao","Role":2,"Product":64,"Password":"geheim<&>ü",`+
			`"Nonce":"`+nonce+`","HMAC512Signature":"`+signature(testKey, "64:app-123:"+nonce+":"+stamp)+`","RequestTimeStamp":"`+stamp+`"}`)
	if token["expires_in"] != 3300.0 {
		t.Errorf("expires_in %v", token["expires_in"])
	}
	with := "host: HOST\nconnection: keep-alive\nAuthorization: Bearer " + token["access_token"].(string) + "\naccept: application/json\n"

	matters := c.array("GET /api/v1/Akten?Search=00031%2F26 HTTP/1.1\n" + with + rest)
	if len(matters) != 1 || matters[0]["id"] != 103.0 {
		t.Errorf("%v", matters)
	}
	if got := c.object(200, "GET /api/v1/Akten/103 HTTP/1.1\n"+with+rest, ""); got["aktenzeichen"] != "00031/26" {
		t.Errorf("%v", got)
	}
	if got := c.array("GET /api/v1/NewActivities HTTP/1.1\n" + with + rest); len(got) == 0 {
		t.Error("no activities")
	}
	send := with + "content-type: application/json\n" + rest + "content-length: LENGTH\n"
	for do, body := range map[string]string{
		"POST /api/v1/Wiedervorlagen": `{"AktenId":103,"Datum":"2026-09-02","Text":"Interne Wiedervorlage"}`,
		"POST /api/v1/File":           `{"AktenId":103,"Dateiname":"Übersicht.pdf","Inhalt":"JVBERi0xLjc="}`,
		"POST /api/v1/Rechnungen":     `{"AktenId":103,"Betrag":119.5}`,
	} {
		if got := c.object(201, do+" HTTP/1.1\n"+send, body); got["aktenId"] != 103.0 || got["id"] == nil {
			t.Errorf("%s: %v", do, got)
		}
	}
	if got := c.object(200, "PUT /api/v1/Rechnungen HTTP/1.1\n"+send, `{"Id":80001,"AktenId":103,"Betrag":7}`); got["id"] != 80001.0 || got["betrag"] != 7.0 {
		t.Errorf("%v", got)
	}
	if got := c.object(200, "PUT /api/v1/Akten/103 HTTP/1.1\n"+send, `{"Kurzrubrum":"neu"}`); got["kurzrubrum"] != "neu" || got["aktenzeichen"] != "" {
		t.Errorf("%v", got)
	}
}

// The middleware in Python: the token by requests, calls by aiohttp with a session for
// each; JSON with spaces and escaped umlauts; a time with microseconds, or none when
// they are zero.
func TestPythonServiceIsServed(t *testing.T) {
	id := clienttest.Identity{AppID: "your_app_id", APIKey: testKey, Kanzlei: "Kanzlei Süd", Database: "DATEN",
		User: "api_user", Password: "päss/wort", Product: 64, Role: 2}
	c := clients(t, id, clienttest.Options{})
	var bearer string
	for i, stamp := range []string{time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), time.Now().UTC().Format("2006-01-02T15:04:05Z")} {
		nonce := fmt.Sprintf("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4%d", i)
		token := c.object(200, "POST /api/v1/Token HTTP/1.1\nHost: HOST\nUser-Agent: python-requests/2.31.0\nAccept-Encoding: gzip, deflate\nAccept: */*\nConnection: keep-alive\nContent-Length: LENGTH\nContent-Type: application/json\n",
			`{"AppID": "your_app_id", "Kanzlei": "Kanzlei S\u00fcd", "Database": "DATEN", "User": "api_user", "Role": 2, "Product": 64, "Password": "p\u00e4ss/wort", `+
				`"Nonce": "`+nonce+`", "HMAC512Signature": "`+signature(testKey, "64:your_app_id:"+nonce+":"+stamp)+`", "RequestTimeStamp": "`+stamp+`"}`)
		bearer = "Authorization: Bearer " + token["access_token"].(string) + "\n"
	}
	const session = "Accept: */*\nAccept-Encoding: gzip, deflate\nUser-Agent: Python/3.11 aiohttp/3.9.1\n"
	with := " HTTP/1.1\nHost: HOST\n" + bearer + session
	send := with + "Content-Length: LENGTH\nContent-Type: application/json\n"

	if got := c.array("GET /employees?limit=5" + with); len(got) != 5 {
		t.Errorf("%d employees", len(got))
	}
	if got := c.object(201, "POST /appointments"+send, `{"datum": "2026-02-10", "text": "Meeting"}`); got["id"] != 125.0 {
		t.Errorf("%v", got)
	}
	if got := c.object(200, "PUT /appointments/123"+send, `{"text": "Updated"}`); got["text"] != "Updated" || got["datum"] != "2026-02-10" {
		t.Errorf("%v", got)
	}
	c.do(204, "DELETE /appointments/123"+with, "")

	party := c.object(200, "GET /api/v1/advonet/Beteiligte/20001"+with, "")
	party["bemerkung"] = "geändert"
	body, _ := json.Marshal(party)
	after := c.object(200, "PUT /api/v1/advonet/Beteiligte/20001"+send, string(body))
	if after["bemerkung"] != "geändert" || after["name"] != party["name"] || after["rowId"] == party["rowId"] || len(after["kommunikation"].([]any)) != 2 {
		t.Errorf("%v", after)
	}
	contact := c.object(201, "POST /api/v1/advonet/Beteiligte/20001/Kommunikationen"+send, `{"kommKz": 3, "tlf": "0170/5550100", "bemerkung": "", "online": false}`)
	c.do(403, fmt.Sprintf("DELETE /api/v1/advonet/Beteiligte/20001/Kommunikationen/%.0f%s", contact["id"], with), "")
	// The misspelt parameter that it had for a long time.
	if one, all := c.object(200, "GET /api/v1/advonet/TermineActiveSync?frnr=5001"+with, ""), c.array("GET /api/v1/advonet/TermineActiveSync?frNr=5001"+with); one["FrNr"] != 5001.0 || len(all) != 40 {
		t.Errorf("%v, and %d rows", one, len(all))
	}
}
