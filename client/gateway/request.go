package gateway

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/advoware-go/advoware/signer"
)

// tokenRequest is the body of a token request: these ten fields and no others.
type tokenRequest struct {
	AppID            string
	Kanzlei          string
	Database         string
	User             string
	Role             int
	Product          int
	Password         string
	Nonce            string
	HMAC512Signature string
	RequestTimeStamp string
}

func (c *Config) requestBody(msg signer.Message, signature string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a password with & < > arrives as it is
	err := enc.Encode(tokenRequest{
		AppID: c.App, Kanzlei: c.Kanzlei, Database: c.Database, User: c.User,
		Role: c.Role, Product: c.Product, Password: c.Password.Reveal(),
		Nonce: msg.Nonce, HMAC512Signature: signature, RequestTimeStamp: msg.Timestamp,
	})
	return b.Bytes(), err
}

// timestamp writes t as the gateway reads it: ISO 8601, UTC, with Z. The gateway
// takes 0 to 7 fraction digits; milliseconds are what JavaScript clients send.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
