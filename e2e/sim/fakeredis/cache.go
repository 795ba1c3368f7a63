package fakeredis

import (
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// cache has compiled scripts by their source.
type cache struct {
	mu sync.Mutex
	by map[string]*lua.FunctionProto
}

func newCache() *cache { return &cache{by: make(map[string]*lua.FunctionProto)} }

func (c *cache) get(source string) (*lua.FunctionProto, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.by[source]; p != nil {
		return p, nil
	}
	p, err := compile(source)
	if err == nil {
		c.by[source] = p
	}
	return p, err
}
