module github.com/advoware-go/advoware/e2e/chaos/checker

go 1.26.0

require (
	github.com/advoware-go/advoware v0.0.0
	github.com/anishathalye/porcupine v1.3.1
)

replace github.com/advoware-go/advoware => ../../..
