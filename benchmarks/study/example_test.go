package study_test

import (
	"github.com/advoware-go/advoware/benchmarks/study"
	"github.com/advoware-go/advoware/store"
)

// A program with this main function is the command study with one more store, which
// stands beside the library's own in every report. It is the whole program: go run it
// with the same flags.
func ExampleMain() {
	study.Main(study.Store{
		Name: "mine",
		Help: "my own store",
		Open: func(site study.Site) (store.Store, func() error, error) {
			mine := new(store.Map) // yours here; site.Redis is the Redis of the run, if you ask for one
			return mine, nil, nil
		},
	})
}
