package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
)

func TestConfig(t *testing.T) {
	const password = `Kenn"wört\ &<ü>%41+/'ß`
	fake := clienttest.Start(t, clienttest.Options{Password: password})
	file := written(t, "REDIS_USERNAME=its_own\nADVOWARE_USER=of the file\nREDIS_PASSWORD='"+strings.ReplaceAll(password, "'", `'\''`)+"'\n")
	args := []string{"config", "--env-file", file}
	text := run(t, fake.Env(), args...)
	text.wantQuiet(t)
	got := run(t, fake.Env(), append(args, "--json")...)
	got.wantQuiet(t)
	var report struct {
		Version  int
		OK       bool
		EnvFile  string `json:"env_file"`
		Settings []struct {
			Name, Source string
			Value        *string
			Set, Secret  bool
		}
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || report.Version != 1 || !report.OK || report.EnvFile != file {
		t.Fatalf("%v, %s", err, got.out)
	}
	sources := map[string]string{"REDIS_USERNAME": "env-file", "ADVOWARE_USER": "environment", "REDIS_PASSWORD": "env-file", "REDIS_HOST": "default", "ADVOWARE_PASSWORD": "environment"}
	for _, s := range report.Settings {
		if want, ok := sources[s.Name]; ok && s.Source != want {
			t.Errorf("%s is from %s, want %s", s.Name, s.Source, want)
		}
		delete(sources, s.Name)
		if s.Secret && s.Value != nil {
			t.Errorf("%s has a value", s.Name)
		}
	}
	if len(sources) > 0 || !strings.Contains(text.out, "its_own") || !strings.Contains(text.out, "file "+file) {
		t.Errorf("%v are missing, or are in %s", sources, text.out)
	}
	if form, found := leaktest.Find(text.out+got.out, password); found {
		t.Errorf("the password is shown as %q", form)
	}
}

// What is wrong is the error of the command, and what is in force is shown all the same.
func TestConfigThatIsWrong(t *testing.T) {
	got := run(t, []string{"ADVOWARE_ROLE=two"}, "config")
	if got.status != 2 || !strings.Contains(got.err, "ADVOWARE_ROLE is ") || !strings.Contains(got.err, "ADVOWARE_USER is required") || strings.Count(got.err, "\n") != 1 {
		t.Errorf("status %d, %s", got.status, got.err)
	}
	if !strings.Contains(got.out, "REDIS_HOST") || !strings.Contains(got.out, "(not usable: ") {
		t.Errorf("%s", got.out)
	}
}
