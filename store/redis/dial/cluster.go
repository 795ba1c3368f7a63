package dial

import (
	"context"
	"errors"
	"net"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

var errSlots = errors.New("store/redis/dial: the Cluster's answer to CLUSTER SLOTS is not understood")

// newNode returns the client of one node of a Cluster.
func (t *target) newNode(o *goredis.Options) *goredis.Client {
	host, _, _ := net.SplitHostPort(o.Addr)
	node := goredis.NewClient(o)
	node.AddHook(t.quiet) // some ask it without the client of the Cluster
	node.AddHook(slotsHook{host})
	return node
}

// slotsHook parses the reply to CLUSTER SLOTS. A node may not know its own host: then it is the
// host that the command was sent to, which go-redis does not fill in.
type slotsHook struct{ host string }

// DialHook does nothing.
func (h slotsHook) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessPipelineHook does nothing.
func (h slotsHook) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

// ProcessHook replaces the parser of CLUSTER SLOTS.
func (h slotsHook) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		question, ok := cmd.(*goredis.ClusterSlotsCmd)
		if !ok {
			return next(ctx, cmd)
		}
		answer := goredis.NewSliceCmd(ctx, question.Args()...)
		err := next(ctx, answer)
		if err == nil {
			var slots []goredis.ClusterSlot
			if slots, err = h.read(answer.Val()); err == nil {
				question.SetVal(slots)
			}
		}
		question.SetErr(err)
		return err
	}
}

// read parses the reply: https://redis.io/docs/latest/commands/cluster-slots/
func (h slotsHook) read(ranges []any) ([]goredis.ClusterSlot, error) {
	slots := make([]goredis.ClusterSlot, 0, len(ranges))
	for _, r := range ranges {
		parts, _ := r.([]any)
		if len(parts) < 2 {
			return nil, errSlots
		}
		first, ok := parts[0].(int64)
		last, okToo := parts[1].(int64)
		if !ok || !okToo {
			return nil, errSlots
		}
		slot := goredis.ClusterSlot{Start: int(first), End: int(last)}
		for _, n := range parts[2:] {
			at, _ := n.([]any)
			if len(at) < 2 {
				return nil, errSlots
			}
			port, ok := at[1].(int64)
			if !ok {
				return nil, errSlots
			}
			host, _ := at[0].(string)
			if host == "" || host == "?" {
				host = h.host
			}
			node := goredis.ClusterNode{Addr: net.JoinHostPort(host, strconv.FormatInt(port, 10))}
			if len(at) > 2 {
				node.ID, _ = at[2].(string)
			}
			slot.Nodes = append(slot.Nodes, node)
		}
		slots = append(slots, slot)
	}
	return slots, nil
}
