package clienttest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestTimestampForms(t *testing.T) {
	lenient := clienttest.Start(t, clienttest.Options{TimestampWindow: -1})
	strict := clienttest.Start(t, clienttest.Options{TimestampWindow: -1, Strict: true})
	const no, always, unlessStrict = 0, 1, 2
	for text, taken := range map[string]int{
		"2026-02-07T09:23:49Z":         always, // Python without microseconds
		"2026-02-07T09:23:49.1Z":       always,
		"2026-02-07T09:23:49.123Z":     always, // JavaScript
		"2026-02-07T09:23:49.123456Z":  always, // Python
		"2026-02-07T09:23:49.1234567Z": always, // .NET

		"2026-02-07T09:23:49+0000":          unlessStrict, // PHP
		"2026-02-07T09:23:49+00:00":         unlessStrict,
		"2026-02-07T10:23:49.123+01:00":     unlessStrict,
		"2026-02-07T10:23:49.1234567+0100":  unlessStrict,
		"2026-02-06T22:53:49-1030":          unlessStrict,
		"2026-02-07T09:23:49-00:00":         unlessStrict,
		"2026-02-07T09:23:49.0000000+05:45": unlessStrict,

		"2026-02-07T09:23:49.12345678Z":     no,
		"2026-02-07T09:23:49.12345678+0000": no,
		"2026-02-07T09:23:49.Z":             no,
		"2026-02-07T09:23:49,123Z":          no,
		"2026-02-07T09:23:49":               no,
		"2026-02-07T09:23:49+00":            no,
		"2026-02-07T09:23:49+0:00":          no,
		"2026-02-07T09:23:49+0000Z":         no,
		"2026-02-07T09:23:49+25:00":         no,
		"2026-02-07T09:23:49 +0000":         no,
		"2026-02-07T09:23:49z":              no,
		"2026-02-07 09:23:49Z":              no,
		"2026-02-30T09:23:49Z":              no,
		"2026-02-07T25:23:49Z":              no,
		" 2026-02-07T09:23:49Z":             no,
		"2026-02-07T09:23:49Z\n":            no,
		"２０２６-02-07T09:23:49Z":              no,
		"1770456229":                        no,
		"Sat, 07 Feb 2026 09:23:49 GMT":     no,
		"":                                  no,
	} {
		for s, ok := range map[*clienttest.Server]bool{lenient: taken != no, strict: taken == always} {
			body := credentials(sandbox(s), time.Now())
			body["RequestTimeStamp"] = text
			sign(body, s.Options().APIKey)
			r := askToken(t, s, toJSON(body))
			switch {
			case !ok:
				r.blames(t, 400, "RequestTimeStamp")
			case r.StatusCode != 200:
				t.Errorf("%q: status %d: %s", text, r.StatusCode, r.text)
			}
		}
	}
}

// A time with an offset is the instant that it means.
func TestTimestampOffsetCounts(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	for _, test := range []struct {
		layout string
		hours  int
		status int
	}{
		{"2006-01-02T15:04:05-0700", 1, 200},
		{"2006-01-02T15:04:05-07:00", -5, 200},
		{"2006-01-02T15:04:05+0000", 1, 401}, // an hour ahead, said to be UTC
	} {
		body := credentials(sandbox(s), time.Now())
		body["RequestTimeStamp"] = time.Now().In(time.FixedZone("", test.hours*3600)).Format(test.layout)
		sign(body, s.Options().APIKey)
		askToken(t, s, toJSON(body)).wants(t, test.status)
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
