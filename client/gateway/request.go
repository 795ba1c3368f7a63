package gateway

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"time"
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

func (c *Config) requestBody(s stamp) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a password with & < > arrives as it is
	err := enc.Encode(tokenRequest{
		AppID: c.App, Kanzlei: c.Kanzlei, Database: c.Database, User: c.User,
		Role: c.Role, Product: c.Product, Password: c.Password.Reveal(),
		Nonce: s.nonce, HMAC512Signature: s.signature, RequestTimeStamp: s.timestamp,
	})
	return b.Bytes(), err
}

// stamp is what is fresh in each attempt, as it is signed and sent.
type stamp struct{ nonce, timestamp, signature string }

// stamp signs an attempt at now.
func (g *Gateway) stamp(now time.Time) stamp {
	var random [16]byte
	rand.Read(random[:]) // it ends the program rather than to fail
	text := strconv.AppendInt(make([]byte, 0, 128), int64(g.cfg.Product), 10)
	text = append(append(append(text, ':'), g.cfg.App...), ':')
	nonce := len(text)
	text = append(AppendNonce(text, random), ':')
	timestamp := len(text)
	text = AppendTimestamp(text, now)
	return stamp{
		nonce:     string(text[nonce : timestamp-1]),
		timestamp: string(text[timestamp:]),
		signature: string(g.signer.AppendSignText(nil, text)),
	}
}
