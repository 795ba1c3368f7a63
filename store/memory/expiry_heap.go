package memory

import "container/heap"

// expiryHeap is a heap of all entries, the first deadline at the top.
type expiryHeap []*entry

func (h *expiryHeap) add(e *entry)    { heap.Push(h, e) }
func (h *expiryHeap) moved(e *entry)  { heap.Fix(h, int(e.heapIndex)) }
func (h *expiryHeap) remove(e *entry) { heap.Remove(h, int(e.heapIndex)) }

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].deadline < h[j].deadline }

func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].heapIndex, h[j].heapIndex = int32(i), int32(j)
}

func (h *expiryHeap) Push(x any) {
	e := x.(*entry)
	e.heapIndex = int32(len(*h))
	*h = append(*h, e)
}

func (h *expiryHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
