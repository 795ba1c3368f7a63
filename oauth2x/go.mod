// Adapters for golang.org/x/oauth2. A module of its own, so that no user of the library
// downloads what it needs.
module github.com/advoware-go/advoware/oauth2x

go 1.26.0

require (
	github.com/advoware-go/advoware v0.0.0
	golang.org/x/oauth2 v0.37.0
)

require golang.org/x/sync v0.25.0 // indirect

replace github.com/advoware-go/advoware => ../
