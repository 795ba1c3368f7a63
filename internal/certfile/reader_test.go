package certfile_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/certfile"
	"github.com/advoware-go/advoware/internal/certtest"
)

// A file is read again each time. One that cannot be used leaves what it held before, which is
// told of once for each problem, and again when it was good meanwhile.
func TestReaderKeepsTheLastGoodContent(t *testing.T) {
	one, two := certtest.NewCA(t), certtest.NewCA(t)
	path := file(t, read(t, one.File()))
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, problems := certfile.Open(certfile.Files{CA: path}, mine)
	if len(problems) > 0 {
		t.Fatal(said(problems))
	}
	warned := make(chan error, 10)
	r.Warn = func(err error) { warned <- err }
	expect := func(ca *certtest.CA) {
		t.Helper()
		content, err := r.Read()
		if err != nil || !content.Roots.Equal(ca.Roots()) {
			t.Fatalf("got %v, %v", content, err)
		}
	}
	told := func(want string) {
		t.Helper()
		if err := <-warned; !strings.HasPrefix(err.Error(), "MY_CAFile ") || !strings.Contains(err.Error(), want) {
			t.Errorf("told of %v, want %s", err, want)
		}
	}
	write(read(t, two.File())[:100])
	expect(one) // what was read by Open
	expect(one)
	told("no certificate")
	write(read(t, two.File()))
	expect(two)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect(two)
	told("no such file")
	write(read(t, one.File()))
	expect(one)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect(one)
	told("no such file")
	if len(warned) > 0 {
		t.Errorf("told of more: %v", <-warned)
	}
}

// What could never be used is an error, until it can be.
func TestReaderWithoutGoodContent(t *testing.T) {
	ca := certtest.NewCA(t)
	path := file(t, nil)
	r, problems := certfile.Open(certfile.Files{CA: path}, mine)
	if len(problems) != 1 {
		t.Fatal(said(problems))
	}
	if _, err := r.Read(); err == nil || !strings.HasPrefix(err.Error(), "MY_CAFile ") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, read(t, ca.File()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(); err != nil {
		t.Error(err)
	}
}

func TestReaderOfManyGoroutines(t *testing.T) {
	ca := certtest.NewCA(t)
	path := file(t, read(t, ca.File()))
	r, _ := certfile.Open(certfile.Files{CA: path}, mine)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if i%4 == 0 {
				_ = os.WriteFile(path, read(t, ca.File())[:i*10], 0o600)
			}
			if content, err := r.Read(); err != nil || !content.Roots.Equal(ca.Roots()) {
				t.Errorf("got %v, %v", content, err)
			}
		})
	}
	wg.Wait()
}
