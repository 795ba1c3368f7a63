package archtest_test

import (
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// anyColour is a colour as the pictures write it.
var anyColour = regexp.MustCompile(`#[0-9a-f]{6}\b`)

// TestPictures checks the pictures of the documents: XML, with words for those who do not
// see them, nothing from elsewhere, the same in light and in dark, and used. Pictures of pages
// are PNGs.
func TestPictures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/pictures/*.svg"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	documents := document(t, "README.md") + document(t, "README.de.md") +
		strings.ReplaceAll(document(t, "docs/telemetry.md")+document(t, "docs/monitor.md"), `"pictures/`, `"docs/pictures/`)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ext := filepath.Ext(file)
			look := pictureProblems
			if ext == ".png" {
				look = screenProblems
			}
			for _, problem := range look(string(text)) {
				t.Error(problem)
			}
			name, dark := "docs/pictures/"+filepath.Base(file), strings.HasSuffix(file, "-dark"+ext)
			use := `src="` + name + `">`
			if dark {
				use = `media="(prefers-color-scheme: dark)" srcset="` + name + `">`
			}
			if !strings.Contains(documents, use) {
				t.Errorf("neither README, docs/monitor.md nor docs/telemetry.md has %s", use)
			}
			if !dark {
				return
			}
			light, err := os.ReadFile(strings.TrimSuffix(file, "dark"+ext) + "light" + ext)
			if err != nil {
				t.Fatal(err)
			}
			if ext == ".svg" && anyColour.ReplaceAllString(string(light), "") != anyColour.ReplaceAllString(string(text), "") {
				t.Error("it differs from the light one in more than its colours")
			}
			if string(light) == string(text) {
				t.Error("it is as light as the light one")
			}
		})
	}
}

// mostOfAScreen is how many bytes a picture of a page may have.
const mostOfAScreen = 192 << 10

// screenProblems says what is wrong with a PNG, the picture of a page.
func screenProblems(text string) []string {
	if _, err := png.DecodeConfig(strings.NewReader(text)); err != nil {
		return []string{err.Error()}
	}
	if len(text) > mostOfAScreen {
		return []string{"it is too large"}
	}
	return nil
}

// mostOfAPicture is how many bytes one may have: readers load them with the page.
const mostOfAPicture = 64 << 10

// pictureProblems says what is wrong with an SVG.
func pictureProblems(text string) []string {
	var problems []string
	bad := func(problem string) { problems = append(problems, problem) }
	if len(text) > mostOfAPicture {
		bad("it is too large")
	}
	seen := make(map[string]int)
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			bad(err.Error())
			break
		}
		switch token := token.(type) {
		case xml.Directive, xml.ProcInst:
			bad("it has an instruction to whoever reads it")
		case xml.StartElement:
			seen[token.Name.Local]++
			switch token.Name.Local {
			case "script", "image", "foreignObject", "use", "a", "animate", "set", "iframe":
				bad("it has an element " + token.Name.Local)
			}
			for _, a := range token.Attr {
				if a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on") {
					bad("it has an attribute " + a.Name.Local)
				}
			}
		}
	}
	if !strings.HasPrefix(text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `) {
		bad("it does not begin as an SVG with a viewBox")
	}
	if seen["svg"] != 1 || seen["title"] != 1 || seen["desc"] != 1 || !strings.Contains(text, `role="img" aria-labelledby="title desc"`) {
		bad("it has no title and desc for those who do not see it")
	}
	inside := strings.ReplaceAll(strings.Replace(text, "http://www.w3.org/2000/svg", "", 1), "url(#", "")
	for _, elsewhere := range []string{"://", "url(", "@import", "@font-face", "data:", "javascript:"} {
		if strings.Contains(inside, elsewhere) {
			bad("it refers to something elsewhere: " + elsewhere)
		}
	}
	return problems
}

func TestPictureProblemsAreSeen(t *testing.T) {
	const begin, words = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" role="img" aria-labelledby="title desc">`, `<title id="title">a</title><desc id="desc">b</desc>`
	if problems := pictureProblems(begin + words + `<path fill="url(#x)" d="M0,0"/></svg>`); problems != nil {
		t.Errorf("nothing is wrong: %q", problems)
	}
	for _, text := range []string{
		"", begin + words, begin + `</svg>`, begin + words + `<g></svg>`,
		begin + words + `<script>1</script></svg>`, begin + words + `<path onclick="x"/></svg>`,
		begin + words + `<image href="x.png"/></svg>`, begin + words + `<path fill="url(https://example.com/#x)"/></svg>`,
		begin + words + `<style>@import "x.css";</style></svg>`, begin + words + `<style>@font-face{src:url(x)}</style></svg>`,
		`<?xml-stylesheet href="x"?>` + begin + words + `</svg>`, begin + words + "<!--" + strings.Repeat("x", mostOfAPicture) + "--></svg>",
	} {
		if pictureProblems(text) == nil {
			t.Errorf("nothing is said to be wrong with %.200s", text)
		}
	}
}
