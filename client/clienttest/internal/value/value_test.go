package value_test

import (
	"encoding/json"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

func TestFlagsAreReadInAnyForm(t *testing.T) {
	for text, want := range map[string]string{
		`true`: `[1,"1",true]`, `1`: `[1,"1",true]`, `"1"`: `[1,"1",true]`, `"True"`: `[1,"1",true]`,
		`false`: `[0,"0",false]`, `0`: `[0,"0",false]`, `"0"`: `[0,"0",false]`, `""`: `[0,"0",false]`, `null`: `[0,"0",false]`,
		`2`: "wrong", `"ja"`: "wrong", `[]`: "wrong", `{}`: "wrong",
	} {
		var number value.Bit
		var quoted value.BitText
		var plain value.Flag
		for _, v := range []any{&number, &quoted, &plain} {
			if err := json.Unmarshal([]byte(text), v); (err != nil) != (want == "wrong") {
				t.Errorf("%s: %v", text, err)
			}
		}
		if got, _ := json.Marshal([]any{number, quoted, plain}); want != "wrong" && string(got) != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]string{
		`5`: "5.00", `-0.5`: "-0.50", `"1234.56"`: "1234.56", `1e3`: "1000.00", `""`: "0.00", `null`: "0.00", `0.005`: "0.01",
		`1e300`: "wrong", `"NaN"`: "wrong", `"Inf"`: "wrong", `"1,5"`: "wrong", `true`: "wrong",
	} {
		var e value.Euro
		err := json.Unmarshal([]byte(text), &e)
		if got, _ := json.Marshal(e); (err != nil) != (want == "wrong") || err == nil && string(got) != want {
			t.Errorf("%s: %s %v, want %s", text, got, err, want)
		}
	}
}

func TestTimesOfDay(t *testing.T) {
	for text, want := range map[string]string{
		`"09:30"`: `"09:30:00"`, `"9:30"`: `"09:30:00"`, `"23:59:00"`: `"23:59:00"`, `"09:30:00.500"`: `"09:30:00"`, `""`: `""`, `null`: `""`,
		`"24:00:00"`: "wrong", `"x"`: "wrong", `930`: "wrong",
	} {
		var c value.Clock
		err := json.Unmarshal([]byte(text), &c)
		if got, _ := json.Marshal(c); (err != nil) != (want == "wrong") || err == nil && string(got) != want {
			t.Errorf("%s: %s %v, want %s", text, got, err, want)
		}
	}
}
