// Package conf collects all that is wrong with a configuration, so that whoever wrote it
// learns of everything at once.
//
// Defaults are set by cmp.Or. Problems is for one goroutine at a time.
package conf

import (
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/isnil"
)

// Problems are what is wrong with a configuration so far.
type Problems struct {
	prefix string
	found  []error
}

// New returns Problems that begin with a prefix, "token: " for one.
func New(prefix string) *Problems { return &Problems{prefix: prefix} }

// Add adds an error as it is, without the prefix; nil is none.
func (p *Problems) Add(err error) { p.found = append(p.found, err) }

// If adds a problem if there is one.
func (p *Problems) If(bad bool, format string, args ...any) {
	if bad {
		p.Add(fmt.Errorf("%s%w", p.prefix, fmt.Errorf(format, args...)))
	}
}

// Required adds a problem if a field that must be set is missing.
func (p *Problems) Required(field string, missing bool) { p.If(missing, "%s is required", field) }

// NotNegative adds a problem if a duration is below zero.
func (p *Problems) NotNegative(field string, value time.Duration) {
	p.If(value < 0, "%s must not be negative", field)
}

// Made adds a problem if there is a nil pointer in an interface: somebody meant to set it.
func (p *Problems) Made(field string, value any) {
	p.If(isnil.Pointer(value), "%s is a nil pointer: set one that was made, or leave it nil", field)
}

// Err returns all problems in one error, nil if there are none.
func (p *Problems) Err() error { return errors.Join(p.found...) }
