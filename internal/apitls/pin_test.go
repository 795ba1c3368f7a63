package apitls_test

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/apitls"
)

// A certificate that OpenSSL 3.0 has made, and the pin that the command in
// docs/configuration.md prints of it.
const (
	opensslCert = `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUJO85GkK26YhGeVW9piugzG9hBCYwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRY29ubmVjdG9yLmV4YW1wbGUwIBcNMjYxMTI5MTM0NDM5WhgP
MjEyNjExMDUxMzQ0MzlaMBwxGjAYBgNVBAMMEWNvbm5lY3Rvci5leGFtcGxlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx1p5Vuw99R8zwyEnSbp3+rCTzvnIfajV
/Ip7b2ASkOV/1CfJHb3G6A+a4yxrBZ/cNYFGj/1z+G+LlShktDKIs6NxMG8wHQYD
VR0OBBYEFC9WZn/fto4zMAMv8r59vt1N+ktZMB8GA1UdIwQYMBaAFC9WZn/fto4z
MAMv8r59vt1N+ktZMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRY29ubmVj
dG9yLmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIhANvxNUW9q6CEd2hZLsLaaxml
Q0qmwQwFPC1fqJh+JaolAiB1n3pTnvuYLcexbloUkiS3dEEI5AgHNHLyQKHEKEl+
yA==
-----END CERTIFICATE-----
`
	opensslPin = "sha256/BEykTK6B/SkuS9piBUmtzNK1lbn1eCddC1FRKTNz2LU="
)

func TestPinOf(t *testing.T) {
	block, _ := pem.Decode([]byte(opensslCert))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := apitls.PinOf(cert); got != opensslPin {
		t.Errorf("got %s, want %s", got, opensslPin)
	}
}

const (
	a = opensslPin
	b = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // of nothing
	// Its base64 begins with a slash.
	c = "sha256//7DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
)

// What is no pin is refused by its place, for its reason, and not shown.
func TestPins(t *testing.T) {
	for name, test := range map[string]struct{ list, want string }{
		"one":                   {a, ""},
		"two":                   {a + "," + b, ""},
		"white space around":    {" " + a + " ,\t" + b + "\n", ""},
		"a slash in the base64": {c, ""},
		"an empty item":         {a + "," + b + ",", "number 3 of 3 is empty"},
		"nothing but a comma":   {",", "number 1 of 2 is empty; number 2 of 2 is empty"},
		"no prefix":             {a[7:], "number 1 of 1 is without sha256/"},
		"another prefix":        {"md5/" + a[7:], "is without sha256/"},
		"HPKP":                  {`pin-sha256="` + a[7:] + `"`, "in quotes"},
		"capitals":              {"SHA256/" + a[7:], "with a capital in its sha256/"},
		"sha1":                  {"sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "a SHA-1"},
		"as curl has it":        {"sha256//" + a[7:], "two slashes"},
		"quotes":                {`"` + a + `"`, "in quotes"},
		"a quoted item":         {a + `,'` + b + `'`, "number 2 of 2 is in quotes"},
		"inner white space":     {a[:20] + " " + a[20:], "broken by white space"},
		"a line end":            {a[:20] + "\n" + a[20:], "broken by white space"},
		"hex":                   {"sha256/" + strings.Repeat("0a", 32), "in hex"},
		"hex with colons":       {"sha256/" + strings.Repeat("0a:", 31) + "0a", "in hex"},
		"base64 of URLs":        {strings.ReplaceAll(b, "+", "-"), "in the base64 of URLs"},
		"too short":             {a[:50], "43 characters long behind sha256/, not 44"},
		"too long":              {a + "A", "45 characters long"},
		"nothing behind":        {"sha256/", "0 characters long"},
		"another hash":          {"sha256/" + strings.Repeat("Z", 64), "64 characters long"},
		"not base64":            {a[:40] + "!" + a[41:], "is not base64"},
		"no padding at its end": {a[:len(a)-1] + "A", "33 bytes"},
		"bits behind the end":   {a[:len(a)-2] + "V=", "is not base64"}, // U with a bit more
		"33 bytes":              {"sha256/" + strings.Repeat("A", 44), "33 bytes"},
		"31 bytes":              {"sha256/" + strings.Repeat("A", 42) + "==", "31 bytes"},
		"twice":                 {a + "," + b + ", " + a, "number 3 of 3 is the same as number 1"},
		"all at once":           {a + ",x,sha1/x", "number 2 of 3 is without sha256/ at its beginning; number 3 of 3 is a SHA-1"},
		"no end of wrong ones":  {strings.Repeat("x,", 1000), "number 5 of 1001 is without sha256/ at its beginning; 996 more are wrong (a pin is"},
		"a semicolon":           {a + ";" + b, "characters long"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := apitls.Config{Pin: test.list}.Problems(apitls.Use{Name: apitls.Variable})
			if test.want == "" {
				if len(problems) > 0 {
					t.Errorf("refused: %v", problems)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field != apitls.Pin || !strings.Contains(problems[0].Text, test.want) {
				t.Fatalf("%v does not say %q", problems, test.want)
			}
			if text := problems[0].Text; strings.Contains(text, "kTK6B") || strings.Contains(text, "0a0a") || strings.Contains(text, "2jmj7") {
				t.Errorf("it shows what is set: %s", text)
			}
		})
	}
}
