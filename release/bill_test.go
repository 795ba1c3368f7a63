package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// The bill of the program that runs this test names its modules and the standard library.
func TestBillOf(t *testing.T) {
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := billOf(program, "v1.2.3", at)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := billOf(program, "v1.2.3", at); !bytes.Equal(text, again) {
		t.Error("the same program has two bills")
	}
	bom := new(cyclonedx.BOM)
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(text), cyclonedx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, c := range *bom.Components {
		found[c.Name] = strings.HasPrefix(c.PackageURL, "pkg:golang/"+c.Name+"@") && c.Version != "" && (c.Name == "std" || c.Hashes != nil)
	}
	if !found["std"] || !found["github.com/CycloneDX/cyclonedx-go"] {
		t.Errorf("%v", found)
	}
	if bom.Metadata.Component.Version != "v1.2.3" || bom.Metadata.Timestamp != "2026-02-10T08:00:00Z" || len(*(*bom.Dependencies)[0].Dependencies) != len(*bom.Components) {
		t.Errorf("%s", text)
	}
	if _, err := billOf([]byte("no program"), "v1.2.3", at); err == nil {
		t.Error("a text has a bill")
	}
}
