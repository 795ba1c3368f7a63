package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// request is the body of a token request (protocol: Token request).
type request struct {
	AppID, Kanzlei, Database, User, Password  string
	Role, Product                             int
	Nonce, RequestTimeStamp, HMAC512Signature string

	at time.Time // RequestTimeStamp
}

// maxNonce is how many bytes a nonce may have. The vendor's calendar program sends 13
// hex digits, others a UUID; no bound is known, and ours is one for memory.
const maxNonce = 128

// A UUID of version 4 and variant 1; capitals are allowed (RFC 9562).
var uuid4 = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// parse reads a body that must have exactly the ten fields, each once
// and of the right type. The error is an *answer.FieldError.
func parse(body []byte, strict bool) (*request, error) {
	req := &request{}
	fields := map[string]any{
		"AppID": &req.AppID, "Kanzlei": &req.Kanzlei, "Database": &req.Database,
		"User": &req.User, "Password": &req.Password, "Role": &req.Role,
		"Product": &req.Product, "Nonce": &req.Nonce,
		"RequestTimeStamp": &req.RequestTimeStamp, "HMAC512Signature": &req.HMAC512Signature,
	}
	if err := decodeFields(body, fields); err != nil {
		return nil, err
	}
	switch {
	case strict && !uuid4.MatchString(req.Nonce):
		return nil, answer.Wrong("Nonce", "ist keine UUID der Version 4")
	case req.Nonce == "" || len(req.Nonce) > maxNonce:
		return nil, answer.Wrong("Nonce", fmt.Sprintf("muss 1 bis %d Bytes lang sein", maxNonce))
	}
	var ok bool
	if req.at, ok = parseTimestamp(req.RequestTimeStamp, strict); !ok {
		zone := "Z oder einem Versatz"
		if strict {
			zone = "Z"
		}
		return nil, answer.Wrong("RequestTimeStamp", "ist keine Zeit nach ISO 8601 mit "+zone+" und höchstens 7 Nachkommastellen")
	}
	return req, nil
}

// KanzleiOf returns the Kanzlei of a token request that may be wrong in any way, "" if
// there is none in it.
func KanzleiOf(body []byte) string {
	var asks struct{ Kanzlei any } // any: what else it is does not matter here
	json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), &asks)
	kanzlei, _ := asks.Kanzlei.(string)
	return kanzlei
}

// nonceKey is what two nonces that count as the same have in common: a UUID is the same
// in capitals.
func (req *request) nonceKey(strict bool) string {
	if strict || uuid4.MatchString(req.Nonce) {
		return strings.ToLower(req.Nonce)
	}
	return req.Nonce
}

// byteOrderMark begins a text that some .NET programs write. The vendor's server is one
// (inferred), and the API of the fake passes over it too.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decodeFields decodes an object into the given *string and *int fields. Unlike
// json.Unmarshal it minds the case of names and refuses fields that are missing,
// unknown or there twice.
func decodeFields(body []byte, fields map[string]any) error {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark)))
	dec.UseNumber()
	notJSON := answer.Wrong("", "Die Anfrage ist kein JSON-Objekt")
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return notJSON
	}
	seen := make(map[string]bool, len(fields))
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return notJSON
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return notJSON
		}
		if err := setField(fields, seen, name.(string), value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return notJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return notJSON
	}
	for _, name := range tokenFields {
		if !seen[name] {
			return answer.Wrong(name, "fehlt")
		}
	}
	return nil
}

// tokenFields is the order in which missing fields are reported.
var tokenFields = []string{"AppID", "Kanzlei", "Database", "User", "Password", "Role",
	"Product", "Nonce", "HMAC512Signature", "RequestTimeStamp"}

func setField(fields map[string]any, seen map[string]bool, name string, value any) error {
	target, known := fields[name]
	if !known {
		return answer.Wrong(name, "ist unbekannt")
	}
	if seen[name] {
		return answer.Wrong(name, "ist doppelt")
	}
	seen[name] = true
	switch target := target.(type) {
	case *string:
		text, ok := value.(string)
		if !ok {
			return answer.Wrong(name, "muss ein Text sein")
		}
		*target = text
	case *int:
		number, _ := value.(json.Number)
		n, err := strconv.Atoi(string(number))
		if err != nil {
			return answer.Wrong(name, "muss eine ganze Zahl sein")
		}
		*target = n
	default:
		panic(fmt.Sprintf("clienttest: field %s has no decoder", name))
	}
	return nil
}
