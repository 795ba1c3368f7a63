package main

import (
	"os"
	"strings"
	"testing"
)

func TestWrongUsage(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(full+"/x", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, words string }{
		{"-out x", "-version"},
		{"-version 1.2.3 -out x", "-version"},
		{"-version v1.2 -out x", "-version"},
		{"-version v01.2.3 -out x", "-version"},
		{"-version v1.2.3+x -out x", "-version"},
		{"-version v1.2.3", "-out is missing"},
		{"-version v1.2.3-rc.1 -out " + full, "is not empty"},
		{"-version v1.2.3 -out x -again twice", "-again"},
	} {
		if err := run(t.Context(), strings.Fields(c.args)); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v; want %s", c.args, err, c.words)
		}
	}
}
