package redact

import "sync"

// views makes the views of a text.
type views struct {
	folding
	rooms  [1 + layers][]byte
	before []string // the one that each is at, the first one first
	same   bool     // the first view is the text
	names  names
}

// spare are views without texts: a long text full of escapes would leave much to be collected.
var spare = sync.Pool{New: func() any { return new(views) }}

// begin returns views that have to be ended.
func (f folding) begin() *views {
	v := spare.Get().(*views)
	v.folding = f
	return v
}

// end forgets the texts.
func (v *views) end() {
	for i := range v.rooms {
		clear(v.rooms[i])
		v.rooms[i] = v.rooms[i][:0]
	}
	v.forget()
	spare.Put(v)
}

func (v *views) forget() {
	clear(v.before)
	v.before = v.before[:0]
	v.names = names{}
}

// writer returns a writer of the next view.
func (v *views) writer(text string) writer {
	room := &v.rooms[len(v.before)]
	if cap(*room) < len(text) {
		*room = make([]byte, len(text))
	}
	*room = (*room)[:max(len(*room), len(text))] // all that is cleared at the end
	return writer{folding: v.folding, room: *room, names: &v.names}
}

// each calls do with a text, folded, and with what is left of it, one layer of escapes after
// another. The views last until the next text.
func (v *views) each(text string, do func(view string)) {
	v.forget()
	if v.same = v.kept(text, 0) == len(text); !v.same {
		w := v.writer(text)
		w.view(text)
		text = w.text()
	}
	do(text)
	for range layers {
		v.before = append(v.before, text)
		w := v.writer(text)
		if !w.decode(text) {
			return
		}
		text = w.text()
		do(text)
	}
}

// origins returns where in the text places in the view of it are that each is at, which are
// in order.
func (v *views) origins(text string, places []int) []int {
	for i := len(v.before) - 1; i >= 0; i-- {
		w := v.again(v.before[i], places)
		w.decode(v.before[i])
		places = w.got
	}
	if v.same {
		return places
	}
	w := v.again(text, places)
	w.view(text)
	return w.got
}

// again returns a writer of a view that was made before, which finds places in it.
func (v *views) again(text string, places []int) writer {
	return writer{folding: v.folding, room: make([]byte, len(text)), names: &v.names, want: places}
}
