package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redact"
)

// Variables are all that are read.
var Variables = []string{
	"ADVOWARE_ALLOW_INSECURE", "ADVOWARE_API_BASE_URL", "ADVOWARE_API_KEY", "ADVOWARE_API_TIMEOUT_SECONDS",
	"ADVOWARE_API_TLS_CA_FILE", "ADVOWARE_API_TLS_CERT_FILE", "ADVOWARE_API_TLS_KEY_FILE", "ADVOWARE_API_TLS_PIN", "ADVOWARE_API_TLS_SERVER_NAME",
	"ADVOWARE_APP_ID", "ADVOWARE_DATABASE", "ADVOWARE_DISCOVERY", "ADVOWARE_DISCOVERY_URL", "ADVOWARE_KANZLEI", "ADVOWARE_LAZY", "ADVOWARE_NEAR_CAPACITY", "ADVOWARE_PASSWORD",
	"ADVOWARE_PRODUCT_ID", "ADVOWARE_READ_ONLY", "ADVOWARE_ROLE", "ADVOWARE_TOKEN_KEY", "ADVOWARE_TOKEN_LIFETIME_MINUTES",
	"ADVOWARE_TOKEN_SEAL_KEYS", "ADVOWARE_TOKEN_URL", "ADVOWARE_USER",
	"REDIS_ALLOW_REMOTE", "REDIS_DB_ADVOWARE_CACHE", "REDIS_HOST", "REDIS_PASSWORD", "REDIS_PORT", "REDIS_TIMEOUT_SECONDS",
	"REDIS_TLS", "REDIS_TLS_CA_FILE", "REDIS_TLS_CERT_FILE", "REDIS_TLS_KEY_FILE", "REDIS_TLS_SERVER_NAME", "REDIS_URL", "REDIS_USERNAME",
}

// notRead are printed by our own command, and are for other programs.
var notRead = []string{"ADVOWARE_SANDBOX_CONTROL"}

const (
	maxSpelled = 10 // of each kind, in a report
	maxName    = 80 // bytes of a name, and no more of one is compared
	nearEnough = 2  // letters that are other ones
	oursEnough = 5  // likewise, of a name that begins as ours do
)

// spellings are variables that are set and not read, with the name of ours that each is near
// to, "" if there is none.
type spellings map[string]string

// unread finds them. A name that begins with ADVOWARE_ is meant for us; of others only those
// count that are near to one of ours, since a REDIS_ variable may be anybody's.
func unread(vars map[string]string) spellings {
	found := make(spellings)
	for name := range vars {
		if slices.Contains(Variables, name) || slices.Contains(notRead, name) || len(name) > maxName {
			continue
		}
		plain := strings.ToUpper(strings.TrimSpace(strings.NewReplacer("-", "_", ".", "_").Replace(name)))
		ours, limit := strings.HasPrefix(plain, "ADVOWARE"), nearEnough
		if ours {
			limit = oursEnough
		}
		nearest := others[plain]
		for _, known := range Variables {
			if d := distance(plain, known); others[plain] == "" && (d < limit || d == limit && nearest == "") {
				nearest, limit = known, d
			}
		}
		if ours || nearest != "" {
			found[name] = nearest
		}
	}
	return found
}

// others are what other programs call the same.
var others = map[string]string{
	"REDIS_USER": "REDIS_USERNAME", "REDIS_PASS": "REDIS_PASSWORD", "REDIS_DB": "REDIS_DB_ADVOWARE_CACHE", "REDIS_SSL": "REDIS_TLS",
}

// insteadOf returns the variable that is set and should be called name, "" if there is none.
func (s spellings) insteadOf(name string) string {
	for _, other := range slices.Sorted(maps.Keys(s)) {
		if s[other] == name {
			return redact.OneLine(other, maxName)
		}
	}
	return ""
}

func (s spellings) checks() []check.Check {
	if len(s) == 0 {
		return []check.Check{{Group: Group, Name: "unread variables", Status: check.OK, Saw: "none"}}
	}
	var all []check.Check
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if len(all) == maxSpelled {
			all = append(all, check.Check{Group: Group, Name: "unread variables", Status: check.Warning, Saw: "there are more that are set and not read", Hint: "correct those above first"})
			break
		}
		shown := redact.OneLine(name, maxName)
		c := check.Check{Group: Group, Name: "unread variables", Status: check.Warning, Saw: shown + " is set, and nobody reads it", Want: "one of those in .env.example", Hint: "take it out, if nothing else uses it"}
		if near := s[name]; near != "" {
			c.Want, c.Hint = near, "rename it, if "+near+" is meant"
		}
		all = append(all, c)
	}
	return all
}

// distance is how many letters have to be put in, taken out, replaced or swapped with the next
// one to make one name of another.
func distance(a, b string) int {
	var two []int
	one := make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one = one, row
	}
	return one[len(b)]
}
