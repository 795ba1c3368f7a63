package benchmarks

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// turn is one of several operations that are compared call by call.
type turn struct {
	name string
	run  func(context.Context) error
}

// takeTurns measures operations against each other in one process: one iteration runs each of
// them once, in an order that is drawn anew each time, and each latency is kept by itself. So a
// minute, a mode of the scheduler or a neighbour in the order that makes calls slow makes all
// of them slow. NAME-us is the median of each, over-NAME the median of the first one divided
// by that of NAME.
func takeTurns(b *testing.B, turns ...turn) {
	b.Helper()
	ctx, draw := b.Context(), rand.New(rand.NewPCG(1, 2))
	took, order := make([][]float64, len(turns)), make([]int, len(turns))
	for i, t := range turns {
		order[i] = i
		if err := t.run(ctx); err != nil { // connects
			b.Fatal(t.name, err)
		}
	}
	for b.Loop() {
		draw.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			began := time.Now()
			err := turns[i].run(ctx)
			took[i] = append(took[i], float64(time.Since(began))/float64(time.Microsecond))
			if err != nil {
				b.Fatal(turns[i].name, err)
			}
		}
	}
	first := medianOf(took[0])
	for i, t := range turns {
		median := medianOf(took[i])
		b.ReportMetric(median, t.name+"-us")
		if i > 0 {
			b.ReportMetric(first/median, "over-"+t.name)
		}
	}
}

// pingRaw is the floor: a PING on a connection by hand.
func pingRaw(tb testing.TB, addr string) turn {
	conn := must(net.Dial("tcp", addr))
	tb.Cleanup(func() { _ = conn.Close() })
	in, request := bufio.NewReader(conn), []byte("PING\r\n")
	return turn{"ping", func(context.Context) error {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		line, err := in.ReadSlice('\n')
		if err == nil && string(line) != "+PONG\r\n" {
			err = io.ErrUnexpectedEOF
		}
		return err
	}}
}
