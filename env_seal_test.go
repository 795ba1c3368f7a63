package advoware_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
)

func TestSealKeysFromTheEnvironment(t *testing.T) {
	first, _ := sealKey(t, "a")
	second, _ := sealKey(t, "b")
	read := func(vars ...string) (advoware.Config, error) {
		vals := map[string]string{
			"ADVOWARE_APP_ID": "app", "ADVOWARE_API_KEY": "YQ==", "ADVOWARE_KANZLEI": "1", "ADVOWARE_DATABASE": "db",
			"ADVOWARE_USER": "u", "ADVOWARE_PASSWORD": "p", "ADVOWARE_TOKEN_KEY": "sealed_token",
		}
		for i := 0; i < len(vars); i += 2 {
			vals[vars[i]] = vars[i+1]
		}
		return advoware.ReadEnv(func(name string) string { return vals[name] }, advoware.Tiered)
	}
	if cfg, err := read("ADVOWARE_TOKEN_SEAL_KEYS", first+", "+second); err != nil || len(cfg.SealKeys) != 2 {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	if cfg, err := read(); err != nil || cfg.SealKeys != nil {
		t.Errorf("%d keys, %v", len(cfg.SealKeys), err)
	}
	for name, vars := range map[string][]string{
		"ADVOWARE_TOKEN_SEAL_KEYS": {"ADVOWARE_TOKEN_SEAL_KEYS", first + ",geheim"},
		"ADVOWARE_TOKEN_KEY":       {"ADVOWARE_TOKEN_SEAL_KEYS", first, "ADVOWARE_TOKEN_KEY", ""},
	} {
		_, err := read(vars...)
		var wrong *advoware.EnvError
		if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Variable != name {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(fmt.Sprint(err), "geheim") || strings.Contains(fmt.Sprint(err), first) {
			t.Errorf("a key is shown: %v", err)
		}
	}
}
