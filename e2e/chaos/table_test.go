package chaos_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// figures are what the long form prints.
var figures table

// table is tables, each under a title, in the order in which they were begun.
type table struct {
	mu     sync.Mutex
	titles []string
	heads  map[string]string
	rows   map[string][]string
}

// add adds a row to the table with that title. Cells are separated by tabs.
func (t *table) add(title, head, row string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heads == nil {
		t.heads, t.rows = make(map[string]string), make(map[string][]string)
	}
	if _, known := t.heads[title]; !known {
		t.titles = append(t.titles, title)
		t.heads[title] = head
	}
	t.rows[title] = append(t.rows[title], row)
}

func (t *table) print(to io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, title := range t.titles {
		fmt.Fprintf(to, "\n%s\n", title)
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		for _, row := range append([]string{t.heads[title]}, t.rows[title]...) {
			fmt.Fprintln(w, row)
		}
		w.Flush()
	}
}

// spread says how a measure is spread: median, 99th percentile and most.
func spread(took []time.Duration) string {
	took = slices.Sorted(slices.Values(took))
	if len(took) == 0 {
		return strings.Repeat("-\t", 3)
	}
	at := func(part float64) time.Duration { return took[int(part*float64(len(took)-1)+0.5)] }
	return fmt.Sprintf("%s\t%s\t%s", short(at(0.5)), short(at(0.99)), short(at(1)))
}

// short rounds to what is worth reading.
func short(d time.Duration) string {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d > 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
