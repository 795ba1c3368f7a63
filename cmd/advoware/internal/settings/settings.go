// Package settings tells which settings are in force, and where each one is from.
package settings

import (
	"errors"
	"slices"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/cmd/advoware/internal/suggest"
)

// Sources of a setting.
const (
	Environment = "environment"
	File        = "env-file"
	Default     = "default"
	Missing     = "missing" // required, and not set
)

// Setting is one variable. Value is as it is in force, and nil for a secret and for one that
// cannot be used.
type Setting struct {
	Name   string  `json:"name"`
	Value  *string `json:"value"`
	Source string  `json:"source"`
	Set    bool    `json:"set"`    // somebody has set it: for a secret all that is said
	Secret bool    `json:"secret"` // its value is never shown
	// Problem is why it cannot be used, "" if it can. Note says what else is worth knowing.
	Problem string `json:"problem,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Report is what is in force. In JSON it is extended, but what is there stays.
type Report struct {
	Version  int       `json:"version"` // 1
	OK       bool      `json:"ok"`      // there is no problem
	EnvFile  string    `json:"env_file"`
	Settings []Setting `json:"settings"`
	// Unread are variables that begin as ours do, and that nothing reads.
	Unread []Unread `json:"unread"`
}

// Unread is such a variable, and the one of ours that it may have been meant to be, if any.
type Unread struct {
	Name   string `json:"name"`
	Closer string `json:"did_you_mean,omitempty"`
}

// From is where variables are from.
type From struct {
	Getenv  func(name string) string
	Environ []string        // lines NAME=value of all that is set
	EnvFile string          // its name, "" for none
	InFile  map[string]bool // names whose value is that of the file
	Hidden  map[string]bool // names in the file whose value is that of the environment
}

// Read returns the settings for a store, and the error with which a client would be refused.
func Read(from From, kind advoware.StoreKind) (Report, error) {
	asked, hidden := make(map[string]bool), make(map[string]string)
	problems := make(map[string]string)
	getenv := func(name string) string {
		asked[name] = true
		if instead, ok := hidden[name]; ok {
			return instead
		}
		return from.Getenv(name)
	}
	// What is in force beside a variable that cannot be used is read without it.
	var first error
	var cfg advoware.Config
	for range len(Table) {
		var err error
		if cfg, err = advoware.ReadEnv(getenv, kind); err == nil {
			break
		}
		if first == nil {
			first = err
		}
		var bad *advoware.EnvError
		if !errors.As(err, &bad) {
			return Report{}, err
		}
		for _, p := range bad.Problems {
			if problems[p.Variable] == "" {
				problems[p.Variable] = p.Problem
			}
			hidden[p.Variable] = standIn(p.Variable)
		}
	}
	r := Report{Version: 1, OK: first == nil, EnvFile: from.EnvFile, Unread: []Unread{}}
	hide := from.redactor(cfg)
	for _, v := range Table {
		s := v.setting(from, cfg)
		if s.Value != nil && *s.Value != v.ofDefault() {
			hide(&s)
		}
		s.Problem = problems[v.Name]
		if s.Problem != "" {
			s.Value = nil
		}
		if asked[v.Name] && (s.Set || s.Problem != "" || !byURL(v.Name) || from.Getenv("REDIS_URL") == "") {
			r.Settings = append(r.Settings, s)
		}
	}
	r.addOthers(from, hide)
	return r, first
}

// standIn is a value that a variable may have, in place of one that it may not.
func standIn(name string) string {
	for _, v := range Table {
		if v.Name == name && v.required {
			return "eA==" // also base64
		}
	}
	return ""
}

// byURL tells what REDIS_URL says instead.
func byURL(name string) bool {
	return slices.Contains([]string{"REDIS_HOST", "REDIS_PORT", "REDIS_DB_ADVOWARE_CACHE", "REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_TLS"}, name)
}

func (v *Variable) setting(from From, cfg advoware.Config) Setting {
	s := Setting{Name: v.Name, Secret: v.Secret, Source: from.source(v.Name), Set: from.Getenv(v.Name) != ""}
	if v.required && !s.Set {
		s.Source = Missing
	}
	if value := v.value(cfg); !v.Secret {
		s.Value = &value
	}
	switch {
	case from.Hidden[v.Name] && !s.Set:
		s.Note = "the environment has it empty, which hides the one of the file"
	case from.Hidden[v.Name]:
		s.Note = "the file has it too"
	}
	return s
}

func (f From) source(name string) string {
	switch {
	case f.Getenv(name) == "":
		return Default
	case f.InFile[name]:
		return File
	}
	return Environment
}

// addOthers adds what other parts of Go read, and what nothing reads.
func (r *Report) addOthers(from From, hide func(*Setting)) {
	for _, name := range proxies {
		if value := from.Getenv(name); value != "" {
			if strings.Contains(value, "@") {
				value = withoutSecrets(value)
			}
			s := Setting{Name: name, Value: &value, Source: from.source(name), Set: true}
			hide(&s)
			r.Settings = append(r.Settings, s)
		}
	}
	var names []string
	for _, v := range Table {
		names = append(names, v.Name)
	}
	for _, line := range slices.Sorted(slices.Values(from.Environ)) {
		name, _, _ := strings.Cut(line, "=")
		upper := strings.ToUpper(name)
		if !slices.Contains(names, name) && (strings.HasPrefix(upper, "ADVOWARE_") || strings.HasPrefix(upper, "REDIS_")) {
			r.Unread = append(r.Unread, Unread{name, suggest.Closest(name, names)})
		}
	}
}
