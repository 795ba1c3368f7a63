package sim

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// Draw returns the generator of schedules, of at most that many events.
func Draw(most int) *rapid.Generator[Schedule] {
	var bag []Kind // each as often as it weighs
	for _, k := range slices.Sorted(maps.Keys(happenings)) {
		for range happenings[k].weight {
			bag = append(bag, k)
		}
	}
	// What shrinks goes to the left.
	slices.SortStableFunc(bag, func(a, b Kind) int { return rank(a) - rank(b) })
	kinds := rapid.SampledFrom(bag)
	pauses := rapid.Custom(func(t *rapid.T) time.Duration {
		scale := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, time.Second, 4 * time.Second, 20 * time.Second}).Draw(t, "scale")
		return scale * time.Duration(rapid.IntRange(1, 5).Draw(t, "times"))
	})
	return rapid.Custom(func(t *rapid.T) Schedule {
		n := rapid.IntRange(1, 4).Draw(t, "processes")
		event := rapid.Custom(func(t *rapid.T) Event {
			return Event{
				Do:    kinds.Draw(t, "do"),
				After: pauses.Draw(t, "after"),
				P:     rapid.IntRange(-1, n-1).Draw(t, "process"),
				N:     rapid.IntRange(0, 59).Draw(t, "n"),
			}
		})
		return Schedule{
			Processes: n,
			Seed:      uint64(rapid.IntRange(0, 1<<16).Draw(t, "seed")),
			Latency:   rapid.SampledFrom([]time.Duration{40 * time.Millisecond, 0, 700 * time.Millisecond, 3 * time.Second}).Draw(t, "latency"),
			Events:    rapid.SliceOfN(event, 1, most).Draw(t, "events"),
		}
	})
}

// rank puts what explains least first.
func rank(k Kind) int {
	switch k {
	case "wait":
		return 0
	case "call":
		return 1
	}
	return 2
}
