package redact

import "github.com/advoware-go/advoware/internal/redact/internal/coded"

// Encoded returns a Secret that is hidden where it is broken into lines too, and in base64, alone or together with what is
// before and after it, in a header, say, and where its bytes are written as numbers: in a dump, in an array. The digits may
// be escaped, and in lines, and what is encoded be UTF-16. It is not for a text that [Secret.Restore] is to undo.
func (s *Secret) Encoded() *Secret {
	encoded := &Secret{secret: s.secret, fold: s.fold, anchor: s.anchor, rare: s.rare, encoded: true}
	if s.also != nil {
		encoded.also = s.also.Encoded()
	}
	return encoded
}

// codes returns where in a text a secret of Encoded is in a code, in no order. If the text broke off, a beginning
// at its end counts.
func (s *Secret) codes(text string, cut bool) []span {
	if !s.encoded || len(s.secret) < longEnough {
		return nil
	}
	found := s.wholeCodes(text, cut)
	if cut && lastEscape(text) < len(text) {
		end := lastEscape(text)
		for _, one := range s.wholeCodes(text[:end], cut) {
			if one.end == end {
				one.end = len(text)
			}
			found = append(found, one)
		}
	}
	return found
}

// wholeCodes is codes for a text that did not break off in an escape.
func (s *Secret) wholeCodes(text string, cut bool) (found []span) {
	inLines := func(begin, end int, cut bool) {
		found = append(found, s.inView(text[begin:end], begin, cut, joinedLines, s.inBase64)...)
	}
	coded.Base64.In(text, len(s.secret)*4/3-1, cut, inLines) // without digits that have bits of something else
	coded.InLines(text, len(s.secret)-2, cut, inLines)       // without the equals signs that base64 ends with
	coded.Numbers.In(text, 2*len(s.secret), cut, func(begin, end int, cut bool) {
		found = append(found, s.inView(text[begin:end], begin, cut, nil, s.inLists)...)
	})
	return found
}

// inView returns where the secret is in a part of a text that begins there, as search finds it in views
// of that, or of what without leaves of it.
func (s *Secret) inView(part string, there int, cut bool, without func(string) *less, search func(view string, cut bool) []span) (found []span) {
	s.coding.Do(func() { s.forms = coded.NewForms(s.secret) })
	var rest *less
	if without != nil {
		if rest = without(part); rest != nil {
			part = string(rest.text)
		}
	}
	v := folding{}.begin()
	defer v.end()
	v.each(part, func(view string) {
		for _, one := range (&Secret{}).located(part, v, search(view, cut)) {
			if rest != nil {
				one = rest.origin(one)
			}
			found = append(found, span{there + one.begin, there + one.end})
		}
	})
	return found
}

// inBase64 returns where in a view of joined lines the secret is, as it is and in base64.
func (s *Secret) inBase64(view string, cut bool) (found []span) {
	view = coded.OfURL.Replace(view)
	found = occurrencesOrBeginning(view, s.forms.Plain, cut, longEnough)
	for _, form := range s.forms.Base64 {
		for _, one := range occurrencesOrBeginning(view, form, cut, longEnough) { // the digits beside it may have bits of it
			found = append(found, span{max(0, one.begin-1), min(len(view), one.end+1)})
		}
	}
	return found
}

// inLists returns where in a view the bytes of the secret are written as numbers.
func (s *Secret) inLists(view string, cut bool) []span {
	const few = 4 // bytes, of a beginning
	hex, decimal := coded.Lists(view, cut)
	return inList(inList(nil, &hex, s.forms.Hex, cut, 2*few, len(view)), &decimal, s.forms.Bytes, cut, few, len(view))
}

// inList appends where forms are in a list. If the text, which has that size, broke off, a beginning
// counts, and the last digit may be that of what comes before the next number.
func inList(found []span, list *coded.List, forms []string, cut bool, least, size int) []span {
	all := list.Text()
	for _, form := range forms {
		places := occurrencesOrBeginning(all, form, cut, least)
		if cut && all != "" {
			places = append(places, occurrencesOrBeginning(all[:len(all)-1], form, cut, least)...)
		}
		for _, one := range places {
			begin, end := list.Place(one.begin, one.end)
			if one.end-one.begin < len(form) {
				end = size
			}
			found = append(found, span{begin, end})
		}
	}
	return found
}

// occurrencesOrBeginning returns where in a view a form is, and, if the view broke off, so many bytes of
// its beginning at the end.
func occurrencesOrBeginning(view, form string, cut bool, least int) []span {
	found := exactly(nil, view, form, 0)
	if cut {
		if n := overlap(view, form); n >= least {
			found = append(found, span{len(view) - n, len(view)})
		}
	}
	return found
}
