// Package page writes how the offices of a process are as one page for people: HTML with its
// style, its script and its charts in it, which needs no network and works without the script.
//
// All that is shown is escaped by html/template, whatever the name of an office is. Everything
// here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

var (
	//go:embed page.html
	text string
	//go:embed page.css
	css string
	//go:embed page.js
	js string

	tmpl = template.Must(template.New("page").Funcs(template.FuncMap{
		"isTime": func(v any) bool { _, ok := v.(instant); return ok },
	}).Parse(text))
)

// Policy is the Content-Security-Policy of the page: its own style and script, requests to its
// own origin, and nothing else.
var Policy = "default-src 'none'; style-src " + hash(css) + "; script-src " + hash(js) +
	"; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Data is what is shown.
type Data struct {
	Title, Version  string
	Now, Started    time.Time
	Ready, Draining bool
	Offices         []Office
}

// Office is one office.
type Office struct {
	Name   string
	Ready  bool
	Status status.Client
	Stats  client.Stats
	Record *record.Record

	past record.Snapshot
}

// Write writes the page. More than Shown offices are not shown: those in trouble come first.
func Write(w io.Writer, d Data) error { return tmpl.Execute(w, view(d)) }
