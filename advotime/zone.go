package advotime

import (
	_ "embed" // of the zone
	"sync"
	"time"
)

// berlinData is Europe/Berlin of the tz database, version 2025c, as lib/time/zoneinfo.zip
// of Go has it.
//
//go:embed berlin.tzif
var berlinData []byte

// berlin is the zone: that of the system, which may know a change of the law that came
// after this package, else ours. Windows and images made from scratch have none.
var berlin = sync.OnceValue(func() *time.Location {
	if zone, err := time.LoadLocation("Europe/Berlin"); err == nil {
		return zone
	}
	return ownBerlin()
})

func ownBerlin() *time.Location {
	zone, err := time.LoadLocationFromTZData("Europe/Berlin", berlinData)
	if err != nil {
		panic("advotime: berlin.tzif is damaged: " + err.Error()) // a test has read it
	}
	return zone
}
