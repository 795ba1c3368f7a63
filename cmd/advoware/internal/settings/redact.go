package settings

import (
	"net/url"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/internal/redact"
)

// redactor returns a function that hides all secrets in a setting that is none itself: somebody may
// have used a password as a name, or have put it into the wrong variable.
func (f From) redactor(cfg advoware.Config) func(*Setting) {
	secrets, all := make(map[string]bool), redact.New("")
	add := func(text string) {
		if secret := redact.New(text); text != "" && !secrets[text] {
			secrets[text] = true
			if !secret.Short() {
				all = all.And(secret)
			}
		}
	}
	for _, v := range Table {
		if v.Secret {
			text := strings.TrimSpace(f.Getenv(v.Name))
			add(text)
			add(strings.Trim(text, `"'`))
		}
	}
	for key := range strings.SplitSeq(f.Getenv("ADVOWARE_TOKEN_SEAL_KEYS"), ",") {
		add(strings.TrimSpace(key))
	}
	if u, err := url.Parse(cfg.Redis.URL.Reveal()); err == nil && u.User != nil {
		password, _ := u.User.Password()
		add(password)
	}
	return func(s *Setting) {
		value := all.Hide(*s.Value)
		if secrets[*s.Value] { // also a short one
			value = redact.Mark
		}
		if value != *s.Value {
			s.Value = &value
			s.Note = strings.TrimPrefix(s.Note+"; a secret is in it", "; ")
		}
	}
}
