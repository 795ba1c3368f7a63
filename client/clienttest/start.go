package clienttest

// TB is what Start needs of a test. A *testing.T, a *testing.B and a *testing.F is one;
// this package does not import testing, because the command uses it too.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// Start is New for a test: the server is closed when the test ends, and Options that
// cannot be used end the test. In a testing/synctest bubble give it the test of the
// bubble, and Options.InMemory.
func Start(tb TB, opts Options) *Server {
	tb.Helper()
	s, err := New(opts)
	if err != nil {
		tb.Fatal(err)
		return nil
	}
	tb.Cleanup(s.Close)
	return s
}
