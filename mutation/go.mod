// The program that changes the library's code in small ways and tells which changes no test
// finds. It is a module of its own, so that no user of the library downloads it.
module github.com/advoware-go/advoware/mutation

go 1.26.0
