package coded

// List is what numbers in a text stand for, and where in it each is.
type List struct {
	text  []byte
	place [][2]int
}

func (l *List) add(c byte, begin, end int) {
	l.text, l.place = append(l.text, c), append(l.place, [2]int{begin, end})
}

// Text returns the bytes.
func (l *List) Text() string { return string(l.text) }

// Place returns where in the text some of them are, of which there is at least one.
func (l *List) Place(begin, end int) (int, int) { return l.place[begin][0], l.place[end-1][1] }

// Lists reads the numbers that a text has in it, as digits of hex, with and without something between
// them, as in "0a:0b", "0A-0B", "0a0b 0c0d" and "0x0a, 0x0b", and as bytes in decimal, as in an array of
// JSON. What is no such number counts as nothing. Of a text that broke off the last number is half of one,
// maybe.
func Lists(text string, cut bool) (hex, decimal List) {
	for at := 0; at < len(text); {
		begin := at
		if at+1 < len(text) && text[at] == '0' && text[at+1]|0x20 == 'x' {
			at += 2
		}
		from := at
		for at < len(text) && digit(text[at]) >= 0 && (text[at] != '0' || at+1 == len(text) || text[at+1]|0x20 != 'x') {
			at++
		}
		if at == from { // no number
			at = max(at, begin+1)
			continue
		}
		whole := !cut || at < len(text)
		if n, ok := small(text[from:at]); ok && whole {
			decimal.add(n, begin, at)
		}
		if at-from == 1 && whole {
			hex.add('0', begin, at)
		}
		for ; from < at; begin = from {
			c := text[from]
			if c >= 'A' {
				c |= 0x20
			}
			from++
			hex.add(c, begin, from)
		}
	}
	return hex, decimal
}

// small reads a decimal number that fits a byte.
func small(text string) (c byte, ok bool) {
	n := 0
	for _, c := range []byte(text) {
		if n = n*10 + digit(c); digit(c) > 9 || n > 0xff {
			return 0, false
		}
	}
	return byte(n), true
}

// digit returns what a digit of hex stands for, -1 if it is none.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
