// The program that builds the archives of a release. It is a module of its own, so that no
// user of the library ever downloads what it needs.
module github.com/advoware-go/advoware/release

go 1.26.0

require github.com/CycloneDX/cyclonedx-go v0.12.0
