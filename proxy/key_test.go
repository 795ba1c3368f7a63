package proxy_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/proxy"
)

func TestOpenKeysRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"": "no key", "\n# only this\n": "no key", "short": "16 characters on line 1", aKey + "\nshort\n": "on line 2", aKey + " x\n": "visible ASCII", "Müller-Lüdenscheidt-1": "visible ASCII",
		strings.Repeat("x", 70000): "longer than",
	} {
		if keys, err := proxy.OpenKeys(keyFile(t, text), nil); err == nil || keys != nil || !strings.Contains(err.Error(), why) || len(text) > 3 && text != "short" && strings.Contains(err.Error(), text) {
			t.Errorf("%.40q: %v, want something about: %s", text, err, why)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "none"), dir} {
		if _, err := proxy.OpenKeys(path, nil); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
}

// What editors leave in a file is not of the key.
func TestOpenKeysAsEditorsWriteThem(t *testing.T) {
	for _, text := range []string{aKey, aKey + "\r\n", "\ufeff" + aKey + "\n", "\n  " + aKey + " \n\n"} {
		keys, err := proxy.OpenKeys(keyFile(t, text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		r := start(t, ok, options{proxy: func(c *proxy.Config) { c.Keys = keys }})
		if got := r.do(t, "GET", "/x", "", "Advoware-Proxy-Key", aKey); got.StatusCode != 200 {
			t.Errorf("%q: %s", text, got.Status)
		}
	}
}

// Others who can read the file are worth a warning.
func TestKeysThatOthersCanRead(t *testing.T) {
	log, path := new(buffer), keyFile(t, aKey)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := proxy.OpenKeys(path, slog.New(slog.NewTextHandler(log, nil))); err != nil || !strings.Contains(log.String(), "chmod 600") || strings.Contains(log.String(), aKey) {
		t.Errorf("%v, %s", err, log)
	}
}

// A file that is replaced counts within a second; one that cannot be used leaves the keys as
// they are.
func TestKeysAreReadAgain(t *testing.T) {
	log, path := new(buffer), keyFile(t, aKey)
	keys, err := proxy.OpenKeys(path, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, ok, options{proxy: func(c *proxy.Config) { c.Keys = keys }})
	status := func(key string) int { return r.do(t, "GET", "/x", "", "Advoware-Proxy-Key", key).StatusCode }
	until := func(key string, want int) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); status(key) != want; {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not answered with %d", key, want)
			}
		}
	}
	if status(aKey) != http.StatusOK || status(another) != http.StatusUnauthorized {
		t.Fatal("the first key does not count")
	}
	if err := os.WriteFile(path, []byte(another+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(another, http.StatusOK)
	if status(aKey) != http.StatusUnauthorized {
		t.Error("the old key still counts")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "stay as they were") && time.Now().Before(deadline); {
		if status(another) != http.StatusOK {
			t.Fatal("the key does not count any more")
		}
	}
	if !strings.Contains(log.String(), "stay as they were") {
		t.Error("nobody is warned")
	}
}
