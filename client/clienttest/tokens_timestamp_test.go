package clienttest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestTimestampForms(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{TimestampWindow: -1})
	for text, status := range map[string]int{
		"2026-02-07T09:23:49Z":         200, // Python without microseconds
		"2026-02-07T09:23:49.1Z":       200,
		"2026-02-07T09:23:49.123Z":     200, // JavaScript
		"2026-02-07T09:23:49.123456Z":  200, // Python
		"2026-02-07T09:23:49.1234567Z": 200, // .NET

		"2026-02-07T09:23:49.12345678Z": 400,
		"2026-02-07T09:23:49.Z":         400,
		"2026-02-07T09:23:49,123Z":      400,
		"2026-02-07T09:23:49":           400,
		"2026-02-07T09:23:49+00:00":     400,
		"2026-02-07T10:23:49.123+01:00": 400,
		"2026-02-07 09:23:49Z":          400,
		"2026-02-30T09:23:49Z":          400,
		"2026-02-07T25:23:49Z":          400,
		" 2026-02-07T09:23:49Z":         400,
		"1770456229":                    400,
		"Sat, 07 Feb 2026 09:23:49 GMT": 400,
		"":                              400,
	} {
		body := credentials(sandbox(s), time.Now())
		body["RequestTimeStamp"] = text
		sign(body, s.Options().APIKey)
		r := askToken(t, s, toJSON(body))
		if r.StatusCode != status {
			t.Errorf("%q: status %d, want %d: %s", text, r.StatusCode, status, r.text)
		}
		if status == 400 {
			r.blames(t, 400, "RequestTimeStamp")
		}
	}
}

func TestTimestampWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true})
		ask := func(off time.Duration) reply {
			return askToken(t, s, toJSON(credentials(sandbox(s), time.Now().Add(off))))
		}
		ask(5*time.Minute).wants(t, 200)
		ask(-5*time.Minute).wants(t, 200)
		ask(5*time.Minute+time.Millisecond).blames(t, 401, "RequestTimeStamp")
		ask(-5*time.Minute-time.Millisecond).blames(t, 401, "RequestTimeStamp")

		s.SetSkew(time.Hour)
		r := ask(0)
		r.blames(t, 401, "RequestTimeStamp")
		date, err := time.Parse(time.RFC1123, r.Header.Get("Date"))
		if off := date.Sub(time.Now().Add(time.Hour)).Abs(); err != nil || off >= time.Second {
			t.Errorf("Date is %v off the server's clock, %v", off, err)
		}
		ask(time.Hour).wants(t, 200)
	})
}

func TestTimestampWindowOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true, TimestampWindow: time.Second, Skew: -time.Hour})
		ask := func(off time.Duration) reply {
			return askToken(t, s, toJSON(credentials(sandbox(s), time.Now().Add(off))))
		}
		ask(-time.Hour).wants(t, 200)
		ask(-time.Hour+2*time.Second).blames(t, 401, "RequestTimeStamp")
		ask(0).blames(t, 401, "RequestTimeStamp")
	})
}
