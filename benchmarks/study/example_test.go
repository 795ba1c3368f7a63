package study_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/advoware-go/advoware/benchmarks/study"
	"github.com/advoware-go/advoware/store"
)

// A program with this main function is the command study with one more store, which
// stands beside the library's own in every report. It is the whole program: go run it
// with the same flags, and --store mine.
func ExampleMain() {
	study.Main(study.Own("mine", func() store.Store { return new(store.Map) })) // yours here
}

// A store that uses Redis, has to be closed, or may fail to open.
func ExampleMain_store() {
	study.Main(study.Store{
		Name: "mine",
		Help: "my own store",
		Open: func(site study.Site) (store.Store, func() error, error) {
			mine := new(store.Map) // yours here; site.Redis is the Redis of the run, if you ask for one
			return mine, nil, nil  // and how to close it
		},
	})
}

// Run is Main for a program that goes on: here for a test that plays one scenario briefly.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "study-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	mine := study.Own("mine", func() store.Store { return new(store.Map) })
	flags := "--store mine --scenario steady --rate 100 --duration 200ms --out " + dir
	var out, problems strings.Builder
	status := study.Run(context.Background(), strings.Fields(flags), os.Stdin, &out, &problems, mine)
	reports, _ := filepath.Glob(filepath.Join(dir, "*.h*"))
	for _, path := range reports {
		fmt.Println(filepath.Base(path))
	}
	fmt.Println("status", status)
	// Output:
	// report.html
	// steady-mine.hgrm
	// status 0
}
