package growth

import (
	"fmt"
	"io"
	"strconv"
)

// Processes are the counts that tables and pictures have.
var Processes = []int{1, 10, 100, 1000}

// WriteTables writes what was measured, what it means for the counts in Processes, and how far each
// of them goes, as Markdown.
func WriteTables(w io.Writer, costs []Cost, l Limits) {
	fmt.Fprint(w, "| tenants | a hit, ns | memory of a tenant, KB | a renewal: commands of Redis | its CPU, µs | CPU of the process, µs | each process more: commands | its CPU, µs | idle process: commands/s | CPU, ms/s |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, c := range costs {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", count(c.Tenants), short(c.Hit), short(c.Memory/1e3),
			short(c.Renewal), short(c.RedisRenewal), short(c.CPURenewal), short(c.Follow), short(c.RedisFollow), short(c.Idle), short(c.CPUIdle/1e3))
	}
	fmt.Fprint(w, "\n| tenants × processes | commands of Redis/s | CPU of Redis | CPU of a process | memory of a process, MB | token requests at once | limit |\n|---|---:|---:|---:|---:|---:|---|\n")
	for _, c := range costs {
		for _, n := range Processes {
			x := c.Of(n, l)
			share, over := x.Limit(l)
			if over == "" {
				over = "-"
			}
			fmt.Fprintf(w, "| %s × %s | %s | %s %% | %s %% | %s | %s | %s (%s %%) |\n", count(x.Tenants), count(x.Processes), short(x.Commands), short(100*x.Redis),
				short(100*x.CPU), short(x.Memory/1e6), short(x.Requests), over, short(100*share))
		}
	}
	fmt.Fprint(w, "\n| processes | tenants until a limit | which |\n|---|---:|---|\n")
	for _, n := range Processes {
		most, part := Most(costs, n, l)
		fmt.Fprintf(w, "| %s | %s | %s |\n", count(n), count(most/1000*1000), part)
	}
}

// short is a number with two significant digits, or all before the point.
func short(x float64) string {
	switch {
	case x >= 10 || x <= -10:
		return count(int(x + 0.5))
	case x == 0:
		return "0"
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// count is a whole number with commas between thousands.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
