package clienttest_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Bubbles begin at midnight UTC on 2000-01-01.
func TestShapes(t *testing.T) {
	const none = "absent"
	tests := map[string]struct {
		shape              clienttest.Shape
		lifetime           time.Duration
		expiresIn, expires string // as JSON
	}{
		"both":               {clienttest.ShapeBoth, 0, "3300", `"2000-01-01T00:55:00.0000000Z"`},
		"the default":        {clienttest.Options{}.Shape, 0, "3300", `"2000-01-01T00:55:00.0000000Z"`},
		"number":             {clienttest.ShapeExpiresIn, 0, "3300", none},
		"number, short life": {clienttest.ShapeExpiresIn, 250 * time.Millisecond, "0.25", none},
		"born expired":       {clienttest.ShapeExpiresIn, -time.Second, "-1", none},
		"fraction":           {clienttest.ShapeFraction, 0, "3300.000", none},
		"text":               {clienttest.ShapeText, 0, `"3300"`, none},
		"UTC":                {clienttest.ShapeUTC, 0, none, `"2000-01-01T00:55:00.0000000Z"`},
		"UTC, short life":    {clienttest.ShapeUTC, 1234567 * 100, none, `"2000-01-01T00:00:00.1234567Z"`},
		"no zone":            {clienttest.ShapeNoZone, 0, none, `"2000-01-01T00:55:00.0000000"`},
		"none":               {clienttest.ShapeNone, 0, none, none},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := clienttest.Start(t, clienttest.Options{InMemory: true, Lifetime: test.lifetime})
				s.SetShape(test.shape)
				r := askToken(t, s, toJSON(credentials(sandbox(s), time.Now())))
				r.wants(t, 200)
				var body map[string]json.RawMessage
				if err := json.Unmarshal([]byte(r.text), &body); err != nil {
					t.Fatal(err)
				}
				for field, want := range map[string]string{"expires_in": test.expiresIn, "expiration_utc": test.expires} {
					got := none
					if raw, ok := body[field]; ok {
						got = string(raw)
					}
					if got != want {
						t.Errorf("%s: %s, want %s", field, got, want)
					}
				}
				if len(body) < 4 {
					t.Errorf("no other fields: %s", r.text)
				}
			})
		})
	}
}

func TestShapeOfOptions(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Shape: clienttest.ShapeText})
	r := askToken(t, s, toJSON(credentials(sandbox(s), time.Now())))
	if r.json["expires_in"] != "3300" {
		t.Errorf("response: %s", r.text)
	}
}
