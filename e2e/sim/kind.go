package sim

// Kind is what happens.
type Kind string

// known reports whether there is such a Kind.
func (k Kind) known() bool {
	_, known := happenings[k]
	return known
}

// happening is how something is made to happen.
type happening struct {
	do func(w *world, e Event)
	// calm is what does not justify a token request.
	calm bool
	// weight is how often it is drawn.
	weight int
}

// happenings are all that can happen, by name.
var happenings map[Kind]happening

func init() {
	happenings = map[Kind]happening{
		"wait": {do: func(*world, Event) {}, calm: true, weight: 2},

		// processes
		"call":   {do: (*world).calls, calm: true, weight: 24},
		"start":  {do: (*world).starts, weight: 4},
		"stop":   {do: (*world).stops, weight: 2},
		"kill":   {do: (*world).kills, weight: 3},
		"pause":  {do: (*world).pauses, weight: 3},
		"resume": {do: (*world).resumes, weight: 4},
		"skew":   {do: (*world).skews, weight: 2},

		// Advoware
		"revoke":       {do: (*world).revokes, weight: 4},
		"unauthorized": {do: (*world).unauthorized, weight: 2},
		"refuse":       {do: (*world).refuses, weight: 2},
		"gateway-down": {do: (*world).gatewayDown, weight: 2},
		"gateway-hang": {do: (*world).gatewayHangs, weight: 1},
		"gateway-slow": {do: (*world).gatewaySlow, weight: 2},
		"gateway-date": {do: (*world).gatewayDate, weight: 1},
		"gateway-up":   {do: (*world).gatewayUp, weight: 4},

		// the keys
		"set":      {do: (*world).sets, weight: 3},
		"set-old":  {do: (*world).setsOld, weight: 2},
		"set-else": {do: (*world).setsOther, weight: 1},
		"del":      {do: (*world).deletes, weight: 3},
		"flushall": {do: (*world).flushes, weight: 2},
		"swapdb":   {do: (*world).swaps, weight: 1},
		"evict":    {do: (*world).evicts, weight: 3},
		"dump":     {do: (*world).dumps, calm: true, weight: 2},
		"restore":  {do: (*world).restores, weight: 2},
		"clock":    {do: (*world).steps, weight: 1},
		"hostile":  {do: (*world).hostile, weight: 5},

		// the network to Redis
		"redis-down":   {do: (*world).redisDown, weight: 2},
		"redis-freeze": {do: (*world).redisFrozen, weight: 2},
		"redis-slow":   {do: (*world).redisSlow, weight: 2},
		"redis-lose":   {do: (*world).redisLoses, weight: 2},
		"redis-double": {do: (*world).redisDoubles, weight: 1},
		"redis-cut":    {do: (*world).redisCut, weight: 2},
		"redis-up":     {do: (*world).redisUp, weight: 5},
	}
}
