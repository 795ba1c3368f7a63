package redis

import (
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/doctor/internal/check"
)

const (
	full   = 100 // percent of maxmemory
	nearly = 90
)

// eviction says what happens to a token when memory is short:
// https://redis.io/docs/latest/develop/reference/eviction/
func (in info) eviction() check.Check {
	policy := in["maxmemory_policy"]
	most, used, evicted := in.number("maxmemory"), in.number("used_memory"), in.number("evicted_keys")
	switch {
	case policy == "":
		return group.Skipped(eviction, "INFO does not say")
	case most <= 0:
		return group.OK(eviction, policy+" without maxmemory: a token stays until its TTL ends")
	}
	percent := int64(float64(used) / float64(most) * 100) // as a product it may overflow
	saw := fmt.Sprintf("%s at %d %% of maxmemory (%s)", policy, percent, size(most))
	if policy == "noeviction" {
		const keeps = "noeviction below maxmemory"
		switch {
		case percent >= full:
			return group.Failure(eviction, saw+": no token can be written, so that each process fetches its own", keeps, "raise maxmemory, or find out what fills this Redis (redis-cli --bigkeys)")
		case percent >= nearly:
			return group.Warning(eviction, saw+": when it is full, no token can be written", keeps, "raise maxmemory, or find out what fills this Redis (redis-cli --bigkeys)")
		}
		return group.OK(eviction, saw+": a token stays until its TTL ends")
	}
	saw += ": a token may be evicted"
	if strings.HasPrefix(policy, "volatile-") {
		saw += " before keys without a TTL, as it has one"
	} else {
		saw += " like any other key, and is read seldom, as processes keep a copy"
	}
	if evicted > 0 {
		saw += fmt.Sprintf("; %d keys were so far", evicted)
	}
	return group.Warning(eviction, saw, "noeviction, or no maxmemory",
		"give the tokens a Redis of their own, or one with maxmemory-policy noeviction; a process that runs writes an evicted token back, one that starts meanwhile fetches another")
}

// persistence says what a restart does to a token:
// https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
func (in info) persistence() check.Check {
	const withoutDisk = "a Redis that can write to its disk, or has nothing to save"
	switch aof, saved := in["aof_enabled"], in["rdb_last_bgsave_status"]; {
	case aof == "" && saved == "":
		return group.Skipped(persistence, "INFO does not say")
	case saved != "" && saved != "ok" || aof == "1" && in["aof_last_write_status"] != "" && in["aof_last_write_status"] != "ok":
		return group.Warning(persistence, "the last save failed, and Redis may refuse writes because of that (MISCONF)", withoutDisk, "look at the disk and the log of Redis; without writes each process fetches its own token")
	case aof == "1":
		return group.OK(persistence, "append-only file: a token outlives a restart, and can be read in its file and its backups")
	case in.number("rdb_saves") > 0 || in.number("rdb_changes_since_last_save") == 0 && in.number("rdb_last_load_keys_loaded") > 0:
		return group.OK(persistence, "snapshots: a token outlives a restart if one has it, and can be read in the dump and its backups")
	}
	return group.OK(persistence, "no append-only file, and no snapshot since the start: without one a restart loses the token, a process that runs writes it back, and else the first call fetches one")
}

// size prints bytes.
func size(n int64) string {
	const kib = 1 << 10
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	value := float64(n)
	for value >= kib && len(units) > 1 {
		value, units = value/kib, units[1:]
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", value), ".0") + " " + units[0]
}
