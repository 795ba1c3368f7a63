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
	secrets := make(map[string]*redact.Secret)
	add := func(text string) {
		if text != "" {
			secrets[text] = redact.New(text)
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
		value := *s.Value
		for text, secret := range secrets {
			if value == text {
				value = redact.Mark
			} else if !secret.Short() {
				value = secret.Hide(value)
			}
		}
		if value != *s.Value {
			s.Value = &value
			s.Note = strings.TrimPrefix(s.Note+"; a secret is in it", "; ")
		}
	}
}
