package outfile

import (
	"os"
	"sync"
)

// unfinished are the files that have not got their name yet.
var unfinished = names{at: make(map[string]bool)}

type names struct {
	mu sync.Mutex
	at map[string]bool
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at[name] = true
}

func (n *names) drop(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.at, name)
}

// AbortAll removes what all files were written to, for a process that ends before it comes to
// Commit or Abort. It may be called at any time, by any goroutine.
func AbortAll() {
	unfinished.mu.Lock()
	defer unfinished.mu.Unlock()
	for name := range unfinished.at {
		_ = os.Remove(name)
	}
	clear(unfinished.at)
}
