package advotime

// OwnBerlin is the zone that serves where the system has none.
var OwnBerlin = ownBerlin
