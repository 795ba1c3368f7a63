package advowaretest_test

import (
	"context"
	"fmt"
	"testing"
)

// t stands for the *testing.T that an Example does not have.
var t = new(standIn)

type standIn struct {
	testing.TB
	cleanups []func()
}

func (*standIn) Helper()                  {}
func (*standIn) Context() context.Context { return context.Background() }
func (*standIn) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
func (s *standIn) Cleanup(f func())       { s.cleanups = append(s.cleanups, f) }

// end does what go test does at the end of a test.
func (s *standIn) end() {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		s.cleanups[last]()
		s.cleanups = s.cleanups[:last]
	}
}
