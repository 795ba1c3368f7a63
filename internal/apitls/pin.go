package apitls

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// prefix begins a pin: the hash that it is.
const prefix = "sha256/"

// pinText is how long a pin is behind the prefix: 32 bytes in base64.
const pinText = 44

// maxWrong is how many items of a list are named that are no pins.
const maxWrong = 5

// PinOf returns the pin of a certificate's key: the SHA-256 of the SubjectPublicKeyInfo, as in
// RFC 7469 and in the TLSA records "3 1 1" of RFC 7671.
func PinOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return prefix + base64.StdEncoding.EncodeToString(sum[:])
}

// parsePins returns the pins of a list, and what is wrong with it. A key may have been set in
// place of a pin, so nothing of the list is shown.
func parsePins(list string) (pins, wrong []string) {
	if list == "" {
		return nil, nil
	}
	parts := strings.Split(list, ",")
	for i, part := range parts {
		part = strings.TrimSpace(part)
		problem := pinProblem(part)
		if at := slices.Index(pins, part); problem == "" && at >= 0 {
			problem = fmt.Sprintf("the same as number %d", at+1)
		}
		if pins = append(pins, part); problem != "" {
			wrong = append(wrong, fmt.Sprintf("number %d of %d is %s", i+1, len(parts), problem))
		}
	}
	if n := len(wrong) - maxWrong; n > 0 {
		wrong = append(wrong[:maxWrong], fmt.Sprintf("%d more are wrong", n))
	}
	if len(wrong) > 0 {
		last := len(wrong) - 1
		wrong[last] += " (a pin is sha256/ and 32 bytes in base64; see docs/configuration.md for a command that prints it)"
	}
	return pins, wrong
}

// pinProblem says why a text is no pin, "" if it is one.
func pinProblem(text string) string {
	rest, ok := strings.CutPrefix(text, prefix)
	_, notHex := hex.DecodeString(strings.ReplaceAll(rest, ":", ""))
	raw, err := base64.StdEncoding.Strict().DecodeString(rest)
	switch {
	case text == "":
		return "empty"
	case strings.Trim(text, `"'`) != text:
		return "in quotes"
	case len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) && !ok:
		return "with a capital in its sha256/"
	case strings.HasPrefix(strings.ToLower(text), "sha1/"):
		return "a SHA-1, which proves nothing"
	case !ok:
		return "without sha256/ at its beginning"
	case len(rest) == pinText+1 && rest[0] == '/':
		return "written with two slashes, as curl has it: here it is one"
	case strings.ContainsAny(rest, " \t\r\n"):
		return "broken by white space"
	case notHex == nil && len(rest) >= 2*sha256.Size:
		return "in hex, not in base64"
	case strings.ContainsAny(rest, "-_"):
		return "in the base64 of URLs: write + for - and / for _"
	case len(rest) != pinText:
		return fmt.Sprintf("%d characters long behind sha256/, not %d", len(rest), pinText)
	case err != nil:
		return "not base64"
	case len(raw) != sha256.Size:
		return fmt.Sprintf("%d bytes in base64, not %d", len(raw), sha256.Size)
	}
	return ""
}
