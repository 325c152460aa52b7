package automaton

// partition divides the states of an automaton into blocks.
type partition struct {
	of     []int32 // by state: its block
	states []int32 // block by block
	place  []int32 // by state: its index in states
	begin  []int32 // by block: its first index in states
	end    []int32 // by block: the index in states after its last
	marked []int32 // by block: the number of marked states, which are its first
}

// newPartition returns a partition with two blocks: the states for which first is false, and
// those for which it is true. Either may be empty.
func newPartition(first []bool) *partition {
	n := int32(len(first))
	p := &partition{
		of:     make([]int32, n),
		states: make([]int32, n),
		place:  make([]int32, n),
		begin:  []int32{0, 0},
		end:    []int32{0, 0},
		marked: []int32{0, 0},
	}
	at := int32(0)
	for block, value := range []bool{false, true} {
		p.begin[block] = at
		for state, v := range first {
			if v == value {
				p.of[state], p.states[at], p.place[state] = int32(block), int32(state), at
				at++
			}
		}
		p.end[block] = at
	}
	return p
}

func (p *partition) members(block int32) []int32 { return p.states[p.begin[block]:p.end[block]] }

func (p *partition) size(block int32) int32 { return p.end[block] - p.begin[block] }

// mark marks a state, and reports whether it is the first marked state of its block.
func (p *partition) mark(state int32) bool {
	block := p.of[state]
	to := p.begin[block] + p.marked[block]
	from := p.place[state]
	if from < to {
		return false
	}
	p.states[from], p.states[to] = p.states[to], p.states[from]
	p.place[p.states[from]], p.place[state] = from, to
	p.marked[block]++
	return p.marked[block] == 1
}

// split moves the marked states of a block to a new block and unmarks them. If all states are
// marked, it only unmarks them, and ok is false.
func (p *partition) split(block int32) (marked int32, ok bool) {
	n := p.marked[block]
	p.marked[block] = 0
	if n == p.size(block) {
		return 0, false
	}
	marked = int32(len(p.begin))
	p.begin = append(p.begin, p.begin[block])
	p.end = append(p.end, p.begin[block]+n)
	p.marked = append(p.marked, 0)
	p.begin[block] += n
	for _, state := range p.members(marked) {
		p.of[state] = marked
	}
	return marked, true
}

// equivalent returns the partition of the states into equivalent ones, by Hopcroft's algorithm.
// It starts with two blocks, by whether a text that ends in the state matches. It then splits a
// block if a byte leads from some of its states, but not from all, into one block.
func (d *byteDFA) equivalent() *partition {
	p := newPartition(d.end)
	before := d.invert()
	pending := []int32{0, 1}
	waiting := []bool{true, true} // by block: whether it is in pending
	var splitter, touched []int32
	for len(pending) > 0 {
		block := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		waiting[block] = false
		splitter = append(splitter[:0], p.members(block)...)
		for class := range before.classes {
			touched = touched[:0]
			for _, to := range splitter {
				for _, state := range before.of(class, to) {
					if p.mark(state) {
						touched = append(touched, p.of[state])
					}
				}
			}
			for _, rest := range touched {
				marked, ok := p.split(rest)
				if !ok {
					continue
				}
				waiting = append(waiting, false)
				next := marked
				if !waiting[rest] && p.size(rest) < p.size(marked) {
					next = rest
				}
				waiting[next] = true
				pending = append(pending, next)
			}
		}
	}
	return p
}

// inverse has, by byte class and state, the states from which the class leads to the state.
type inverse struct {
	classes, count int
	begin          []int32 // by class*count+state: the first index in states; one more at the end
	states         []int32
}

func (v *inverse) of(class int, to int32) []int32 {
	i := class*v.count + int(to)
	return v.states[v.begin[i]:v.begin[i+1]]
}

func (d *byteDFA) invert() *inverse {
	_, firsts := columns(d.next)
	n := len(d.next)
	v := &inverse{classes: len(firsts), count: n}
	v.begin = make([]int32, len(firsts)*n+1)
	v.states = make([]int32, len(firsts)*n)
	for class, b := range firsts {
		for state := range d.next {
			v.begin[class*n+int(d.next[state][b])+1]++
		}
	}
	for i := 1; i < len(v.begin); i++ {
		v.begin[i] += v.begin[i-1]
	}
	// Filling moves each begin to its end, which is the next begin.
	for class, b := range firsts {
		for state := range d.next {
			at := &v.begin[class*n+int(d.next[state][b])]
			v.states[*at] = int32(state)
			*at++
		}
	}
	copy(v.begin[1:], v.begin)
	v.begin[0] = 0
	return v
}
