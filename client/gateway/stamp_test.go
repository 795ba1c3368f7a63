package gateway_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
)

// The form is RFC 9562's: xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx, the first two bits of
// y being 10.
func TestAppendNonce(t *testing.T) {
	var ones, counted [16]byte
	for i := range ones {
		ones[i], counted[i] = 0xff, byte(i*0x11)
	}
	for want, random := range map[string][16]byte{
		"00000000-0000-4000-8000-000000000000": {},
		"ffffffff-ffff-4fff-bfff-ffffffffffff": ones,
		"00112233-4455-4677-8899-aabbccddeeff": counted,
	} {
		if got := string(gateway.AppendNonce([]byte("64:app:"), random)); got != "64:app:"+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The forms are those of JavaScript's toISOString.
func TestAppendTimestamp(t *testing.T) {
	for want, at := range map[string]time.Time{
		"2026-02-07T09:23:49.123Z": time.Date(2026, 2, 7, 9, 23, 49, 123_999_999, time.UTC),
		"2026-02-07T08:23:49.000Z": time.Date(2026, 2, 7, 9, 23, 49, 999_999, time.FixedZone("CET", 3600)),
		"2025-12-31T23:59:59.999Z": time.Date(2026, 1, 1, 5, 29, 59, 999_999_999, time.FixedZone("IST", 5*3600+1800)),
		"2028-02-29T00:00:00.010Z": time.Date(2028, 2, 29, 0, 0, 0, 10_000_000, time.UTC),
		"1969-12-31T23:59:59.900Z": time.Unix(-1, 900_000_000),
		"0001-01-01T00:00:00.000Z": {},
	} {
		if got := string(gateway.AppendTimestamp([]byte("at "), at)); got != "at "+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzAppendTimestamp compares it with the obvious call.
func FuzzAppendTimestamp(f *testing.F) {
	f.Add(int64(0), int64(0))
	f.Add(int64(1_770_456_229), int64(123_456_789))
	f.Add(int64(-62_135_596_800), int64(999_999_999))
	f.Add(int64(253_402_300_800), int64(1))
	f.Fuzz(func(t *testing.T, sec, nsec int64) {
		at := time.Unix(sec, nsec)
		want := at.UTC().Format("2006-01-02T15:04:05.000Z")
		if got := string(gateway.AppendTimestamp(nil, at)); got != want {
			t.Errorf("%d s, %d ns: got %s, want %s", sec, nsec, got, want)
		}
	})
}
