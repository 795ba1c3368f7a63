package control

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var page embed.FS

// pageHandler serves the page and its two parts.
func pageHandler() http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // it is a constant
	}
	return http.FileServerFS(files)
}
