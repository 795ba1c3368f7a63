package archtest_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stands is what a transition of a model stands for: a file, and a function in it.
var stands = regexp.MustCompile(`code: (\S+\.(?:go|lua))(?: ([A-Za-z]\w*))?`)

// TestModelsNameCode checks that what the models stand for is still there, and that each
// script of store/redis is in one of them.
func TestModelsNameCode(t *testing.T) {
	named := make(map[string]bool)
	models, err := filepath.Glob(filepath.Join(root, "proof", "*.pml"))
	if err != nil || len(models) == 0 {
		t.Fatalf("no models in proof: %v", err)
	}
	for _, model := range append(models, filepath.Join(root, "proof", "rules", "rules.go")) { // their Go form
		text, err := os.ReadFile(model)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range stands.FindAllStringSubmatch(string(text), -1) {
			named[m[1]] = true
			code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m[1])))
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(model), err)
				continue
			}
			if m[2] != "" && !defines(string(code), m[2]) {
				t.Errorf("%s: %s has no %s: change the model with the code", filepath.Base(model), m[1], m[2])
			}
		}
	}
	scripts, err := filepath.Glob(filepath.Join(root, "store", "redis", "*.lua"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in store/redis: %v", err)
	}
	for _, script := range scripts {
		if name := path.Join("store/redis", filepath.Base(script)); !named[name] {
			t.Errorf("no model has %s", name)
		}
	}
}

// defines reports whether code has a function, a method, a constant or a type of that name.
func defines(code, name string) bool {
	return regexp.MustCompile(`(?m)^\s*(?:local )?(?:func|function|type|const)?\s*(?:\([^)]*\) )?` + name + `(?:\[[^\]]*\])?(?:\(| +(?:=|struct|func|time|uint))`).MatchString(strings.ReplaceAll(code, "\t", " "))
}
