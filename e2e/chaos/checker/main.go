package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	pictures := flag.String("pictures", ".", "the folder for the pictures of violations")
	limit := flag.Duration("limit", time.Minute, "how long is searched for an order")
	flag.Parse()
	verdict, err := check(flag.Args(), *pictures, *limit)
	if err != nil {
		fmt.Fprintln(os.Stderr, "checker:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdict); err != nil {
		fmt.Fprintln(os.Stderr, "checker:", err)
		os.Exit(2)
	}
	if len(verdict.Violations) > 0 {
		os.Exit(1)
	}
}

// check checks the history that is in some files together.
func check(files []string, pictures string, limit time.Duration) (Verdict, error) {
	if len(files) == 0 {
		return Verdict{}, fmt.Errorf("no file of a history is named")
	}
	var all []operation
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return Verdict{}, err
		}
		some, err := read(file)
		_ = file.Close()
		if err != nil {
			return Verdict{}, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, some...)
	}
	return examine(all, pictures, limit)
}
