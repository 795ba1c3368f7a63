package e2etest

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/store/sealed"
)

// Two secrets of the variables that [Required] returns.
const (
	APIKey   = "dG9wLXNlY3JldC1hcGkta2V5" // base64 of "top-secret-api-key"
	Password = "sw0rdfish-Ünd-mehr"
)

// Required returns an environment with the variables that have no default.
func Required() map[string]string {
	return map[string]string{
		"ADVOWARE_APP_ID": "app", "ADVOWARE_API_KEY": APIKey, "ADVOWARE_KANZLEI": "kanzlei",
		"ADVOWARE_DATABASE": "database", "ADVOWARE_USER": "user", "ADVOWARE_PASSWORD": Password,
	}
}

// Vars returns variables written as NAME=value. Of two values of a name the last one
// counts.
func Vars(pairs ...string) map[string]string {
	vars := make(map[string]string)
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	return vars
}

// Read returns the configuration by the variables.
func Read(vars map[string]string, kind advoware.StoreKind) (advoware.Config, error) {
	return advoware.ReadEnv(func(name string) string { return vars[name] }, kind)
}

// SealKey returns a key made of one letter, as text and as a key.
func SealKey(t testing.TB, letter string) (string, sealed.Key) {
	t.Helper()
	text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, sealed.KeyBytes)))
	key, err := sealed.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, key
}
