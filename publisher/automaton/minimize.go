package automaton

import "slices"

// minimize returns the smallest automaton that matches the same texts. Its states are numbered
// in breadth-first order, its byte classes by their first byte.
func (d *byteDFA) minimize() *Automaton {
	blocks := d.equivalent()

	// Dead and Matched come first. Start is a separate state even if it is equivalent to one
	// of them.
	number := map[int32]int{blocks.of[Dead]: Dead, blocks.of[Matched]: Matched}
	order := []int{Dead, Matched, Start}
	if _, ok := number[blocks.of[Start]]; !ok {
		number[blocks.of[Start]] = Start
	}
	var rows [][256]int32
	for i := 0; i < len(order); i++ {
		var row [256]int32
		for b, to := range d.next[order[i]] {
			block := blocks.of[to]
			if _, ok := number[block]; !ok {
				number[block] = len(order)
				order = append(order, int(blocks.members(block)[0]))
			}
			row[b] = int32(number[block])
		}
		rows = append(rows, row)
	}

	a := &Automaton{}
	var firsts []int
	a.Classes, firsts = columns(rows)
	a.Width = len(firsts) + 1
	for i, row := range rows {
		for _, b := range firsts {
			a.Next = append(a.Next, uint16(row[b]))
		}
		if d.end[order[i]] {
			a.Next = append(a.Next, Matched)
		} else {
			a.Next = append(a.Next, Dead)
		}
	}
	return a
}

// columns puts bytes into one class if they lead to the same state from every state. It also
// returns the first byte of each class.
func columns(rows [][256]int32) (classes [256]uint8, firsts []int) {
	same := func(a, b int) bool {
		for i := range rows {
			if rows[i][a] != rows[i][b] {
				return false
			}
		}
		return true
	}
	for b := range 256 {
		class := slices.IndexFunc(firsts, func(first int) bool { return same(first, b) })
		if class < 0 {
			class = len(firsts)
			firsts = append(firsts, b)
		}
		classes[b] = uint8(class)
	}
	return classes, firsts
}
