// Command documents copies the documents of a Kanzlei into a folder. A document is there as a
// whole or not at all, whatever happens; a second run copies what is missing, and new versions.
//
// Where an office serves the content of a document, and whether it does, is for you to find
// out: -path says it. With the default each is copied as the record that /api/v1/File has of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	dir := flag.String("dir", "backup", "the `folder` that is copied to")
	path := flag.String("path", "/api/v1/File/{id}", "where the content of a document is; {id} is its number")
	workers := flag.Int("workers", 4, "how many are copied at a `time`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *dir, *path, max(*workers, 1)); err != nil {
		fmt.Fprintln(os.Stderr, "documents:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, path string, workers int) (err error) {
	if !strings.Contains(path, "{id}") {
		return fmt.Errorf("-path %s: without {id} all documents are one", path)
	}
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	folder, err := OpenFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()

	var list []Document // read before the work begins, so that no answer is kept open by it
	seen := make(map[int]bool)
	for d, err := range client.Each[Document](ctx, c, client.Request{Endpoint: "/api/v1/File"}) {
		if err != nil {
			return err
		}
		if !seen[d.ID] { // or two would write the same file
			list = append(list, d)
		}
		seen[d.ID] = true
	}
	var copied, kept, failed atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, d := range list {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			there, err := folder.Has(d)
			if err == nil && !there {
				err = fetch(ctx, c, folder, d, strings.ReplaceAll(path, "{id}", strconv.Itoa(d.ID)))
			}
			switch {
			case err != nil && (ctx.Err() != nil || errors.Is(err, syscall.ENOSPC)):
				return err // the others would fail too
			case err != nil:
				failed.Add(1)
				slog.WarnContext(ctx, "document not copied", "id", d.ID, "error", err)
			case there:
				kept.Add(1)
			default:
				copied.Add(1)
			}
			return nil
		})
	}
	err = group.Wait()
	fmt.Printf("%d documents: %d copied, %d there already, %d failed\n", len(list), copied.Load(), kept.Load(), failed.Load())
	if err == nil && failed.Load() > 0 {
		err = errors.New("some documents failed: run it again")
	}
	return err
}

// fetch copies the content of a document while it arrives, however large it is.
func fetch(ctx context.Context, c *client.Client, folder *Folder, d Document, path string) error {
	// The call ends when nothing arrives for the client's timeout; the whole may take hours.
	answer, err := client.Open(ctx, c, client.Request{Endpoint: path})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.ProtoMajor == 1 && answer.ContentLength < 0 && len(answer.TransferEncoding) == 0 && !answer.Uncompressed {
		return errors.New("the answer does not say where it ends: whether it is whole cannot be known")
	}
	return folder.Write(d, answer.Body) // an answer that breaks off is an error of the Body
}
