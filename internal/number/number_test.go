package number_test

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/number"
)

func TestDigitsBeyondRangeAreTheMaximum(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"+7", 7, true}, {"007", 7, true}, {"-12", -12, true},
		{"4294967296", 1 << 32, true},
		{"9223372036854775807", math.MaxInt64, true},
		{"9223372036854775808", math.MaxInt64, true},
		{"-9223372036854775808", math.MinInt64, true},
		{"-9223372036854775809", math.MinInt64, true},
		{strings.Repeat("9", 1000), math.MaxInt64, true},
		{"-1" + strings.Repeat("0", 1000), math.MinInt64, true},
		{"", 0, false}, {"-", 0, false}, {"+", 0, false}, {" 1", 0, false}, {"1 ", 0, false},
		{"1.5", 0, false}, {"1e3", 0, false}, {"0x1", 0, false}, {"1_0", 0, false}, {"--1", 0, false}, {"١", 0, false},
		{strings.Repeat("9", 1000) + "x", 0, false},
	} {
		if n, ok := number.Parse(c.text); n != c.n || ok != c.ok {
			t.Errorf("Parse(%.30q) = %d, %t, want %d, %t", c.text, n, ok, c.n, c.ok)
		}
	}
}

func TestDurationsBeyondRangeAreTheMaximum(t *testing.T) {
	for _, c := range []struct {
		n    int64
		unit time.Duration
		want time.Duration
	}{
		{0, time.Hour, 0}, {3, time.Second, 3 * time.Second}, {-3, time.Second, -3 * time.Second},
		{math.MaxInt64, time.Nanosecond, math.MaxInt64}, {math.MaxInt64, time.Second, math.MaxInt64},
		{math.MinInt64, time.Second, math.MinInt64}, {math.MaxInt64 / 1000, time.Microsecond, math.MaxInt64 / 1000 * 1000},
	} {
		if got := number.Duration(c.n, c.unit); got != c.want {
			t.Errorf("Duration(%d, %v) = %d, want %d", c.n, c.unit, got, c.want)
		}
	}
}

// FuzzParse compares with numbers of any size.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "0", "-1", "+5", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1x", "_1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := number.Parse(s)
		want, valid := new(big.Int).SetString(s, 10)
		valid = valid && !strings.Contains(s, "_")
		if ok != valid {
			t.Fatalf("Parse(%q) says %t, want %t", s, ok, valid)
		}
		if !valid {
			return
		}
		if low, high := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64); want.Cmp(low) < 0 {
			want = low
		} else if want.Cmp(high) > 0 {
			want = high
		}
		if want.Int64() != n {
			t.Fatalf("Parse(%q) = %d, want %v", s, n, want)
		}
	})
}
