package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/advoware-go/advoware/cmd/advoware/internal/dotenv"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/internal/bounded"
)

// withoutPath removes "open NAME: " where the name is said anyway.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// envFile is what --env-file has brought into the environment of this process.
type envFile struct {
	name  string
	taken map[string]bool // variables whose value is that of the file
	other map[string]bool // variables of the file whose value is that of the environment
}

// load reads the file, if there is one, and sets its variables, also those that other parts
// of Go read, such as HTTPS_PROXY. One that the environment has, be it empty, wins.
func (f *envFile) load(ctx context.Context, file *string) error {
	if file == nil {
		return nil
	}
	name := *file
	if name == "" {
		return failure.Usage{Err: errors.New("--env-file is empty: it is the name of a file")}
	}
	// Bounded, since it may be a pipe that nobody writes to.
	vars, err := bounded.Do(ctx, func(context.Context) (map[string]string, error) { return dotenv.ReadFile(name, os.Getenv) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return failure.Usage{Err: fmt.Errorf("--env-file %s: %w", name, withoutPath(err))}
	}
	f.name, f.taken, f.other = name, make(map[string]bool), make(map[string]bool)
	for variable, value := range vars {
		if _, set := os.LookupEnv(variable); set {
			f.other[variable] = true
			continue
		}
		if err := os.Setenv(variable, value); err != nil {
			return fmt.Errorf("--env-file %s: %s cannot be set", name, variable) // without the value
		}
		f.taken[variable] = true
	}
	return nil
}
