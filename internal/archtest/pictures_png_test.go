package archtest_test

import (
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScreenshots checks the pictures of pages: small enough to be loaded with a document, as
// large in light as in dark, and used in one, with words for those who do not see them.
func TestScreenshots(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/pictures/*.png"))
	if err != nil || len(files) < 2 || len(files)%2 != 0 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	sizes := make(map[string][2]int)
	for _, file := range files {
		name := filepath.Base(file)
		in, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.DecodeConfig(in)
		info, _ := in.Stat()
		in.Close()
		if err != nil || info.Size() > 2*mostOfAPicture {
			t.Errorf("%s: %v, %d bytes; %d are the most", name, err, info.Size(), 2*mostOfAPicture)
		}
		sizes[name] = [2]int{picture.Width, picture.Height}
		use := `media="\(prefers-color-scheme: dark\)" srcset="pictures/` + name + `">`
		if light := strings.TrimSuffix(name, "-light.png"); light != name {
			use = `<img alt="[^"]{40,}" src="pictures/` + name + `">`
			defer func() {
				if dark := sizes[light+"-dark.png"]; sizes[name] != dark {
					t.Errorf("%s is %v, and in dark %v", name, sizes[name], dark)
				}
			}()
		}
		if !regexp.MustCompile(use).MatchString(text.String()) {
			t.Errorf("no document has %s", use)
		}
	}
}
