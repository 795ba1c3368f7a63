package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// answer is what a token response says.
type answer struct {
	token string
	life  time.Duration // 0: it does not say
}

// parseResponse reads a token response. Its lifetime is, in this order:
// expires_in, seconds as a number or a numeric string; expiration_utc, an instant
// on the gateway's clock, compared with the Date of the same response and never
// with ours. What is zero, negative or anything else counts as absent. Other
// fields are ignored.
func parseResponse(body []byte, date time.Time) (answer, error) {
	var fields struct {
		AccessToken   json.RawMessage `json:"access_token"`
		ExpiresIn     json.RawMessage `json:"expires_in"`
		ExpirationUTC json.RawMessage `json:"expiration_utc"`
	}
	if json.Unmarshal(body, &fields) != nil {
		return answer{}, errors.New("the response is not a JSON object") // the decoder's words may quote the body
	}
	var a answer
	if json.Unmarshal(fields.AccessToken, &a.token) != nil || a.token == "" {
		return answer{}, errors.New("the response has no access_token")
	}
	a.life = expiresIn(fields.ExpiresIn)
	if a.life == 0 {
		a.life = untilInstant(fields.ExpirationUTC, date)
	}
	return a, nil
}

// longestWord is how many letters, digits and signs in a row a text for a person has at
// most, in bytes.
const longestWord = 20

// mayHoldToken reports whether there is something in a body of 200 that a token may be,
// whatever its field is called, or a field that is named after one.
func mayHoldToken(body []byte) bool {
	lower, row := bytes.ToLower(body), 0
	if bytes.Contains(lower, []byte("token")) || bytes.Contains(lower, []byte("jwt")) || bytes.Contains(lower, []byte("bearer")) {
		return true
	}
	for _, c := range body {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"'{}[](),:;<>!?`, c) >= 0 {
			row = 0
			continue
		}
		if row++; row > longestWord {
			return true
		}
	}
	return false
}

// expiresIn is what a number of seconds says, however large it is and whether it is
// written as text; 0 if it is none.
func expiresIn(raw json.RawMessage) time.Duration {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var n json.Number // which takes text too, but one pair of quotes is enough
	if bytes.ContainsRune(raw, '"') || json.Unmarshal(raw, &n) != nil {
		return 0
	}
	s, err := strconv.ParseFloat(string(n), 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange), !(s > 0):
		return 0
	case s >= math.MaxInt64/float64(time.Second): // also +Inf, for digits beyond range
		return math.MaxInt64
	}
	return time.Duration(s * float64(time.Second))
}

func untilInstant(raw json.RawMessage, date time.Time) time.Duration {
	var text string
	if date.IsZero() || json.Unmarshal(raw, &text) != nil {
		return 0
	}
	// Both layouts take any number of fraction digits.
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return max(0, t.Sub(date))
		}
	}
	return 0
}
