package gateway

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Identity is someone who may fetch tokens.
type Identity struct {
	AppID, APIKey, Kanzlei, Database, User, Password string
	Product, Role                                    int
}

// Check reports all that is wrong with an identity.
func (id Identity) Check() error {
	var errs []error
	for _, f := range []struct{ name, value string }{
		{"AppID", id.AppID}, {"APIKey", id.APIKey}, {"Kanzlei", id.Kanzlei},
		{"Database", id.Database}, {"User", id.User}, {"Password", id.Password},
	} {
		if strings.ContainsAny(f.value, "\r\n\x00") {
			errs = append(errs, fmt.Errorf("clienttest: %s contains a line end or a zero byte", f.name))
		}
	}
	if key, err := decodeKey(id.APIKey); err != nil || len(key) == 0 {
		errs = append(errs, errors.New("clienttest: APIKey is not standard base64 of at least one byte"))
	}
	return errors.Join(errs...)
}

// decodeKey decodes an API key. Spaces and tabs anywhere do not matter, as in
// Python's b64decode (protocol: Token request).
func decodeKey(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.NewReplacer(" ", "", "\t", "", "\v", "", "\f", "").Replace(text))
}
