package memory

import "container/heap"

// deadlines is a heap of all entries, the one that is due first at the top.
type deadlines []*entry

func (d *deadlines) add(e *entry)    { heap.Push(d, e) }
func (d *deadlines) moved(e *entry)  { heap.Fix(d, int(e.place)) }
func (d *deadlines) remove(e *entry) { heap.Remove(d, int(e.place)) }

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].due < d[j].due }

func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = int32(i), int32(j)
}

func (d *deadlines) Push(x any) {
	e := x.(*entry)
	e.place = int32(len(*d))
	*d = append(*d, e)
}

func (d *deadlines) Pop() any {
	last := len(*d) - 1
	e := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	return e
}
