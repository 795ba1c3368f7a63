// Adapters for golang.org/x/oauth2. A module of its own, so that no user of the library
// downloads what it needs.
module github.com/advoware-go/advoware/oauth2x

go 1.26.0

require (
	github.com/advoware-go/advoware v0.0.0
	golang.org/x/oauth2 v0.37.0
)

require (
	github.com/sony/gobreaker/v2 v2.4.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sync v0.25.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

replace github.com/advoware-go/advoware => ../
