package compile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/automaton"
)

// blockClauses is the number of clauses that one word of a row covers.
const blockClauses = 64

// index is the audience index of a program. For each cell of each axis it has a row of bits. The
// row has a bit for each clause of the blocks with the axis. The bit says whether the clause can
// match a request that falls in the cell.
type index struct {
	axes    []axis
	clauses []placed  // in the order of their bits
	rules   [][]int   // by rule: the positions of its clauses
	blocks  [][]entry // by block: its axes, the most selective first
	rows    []uint64
	cellRow [][]int // by axis and cell: the number of its row within the axis
	width   []int   // by axis: words of a row

	automata  []*automaton.Automaton
	automaton map[string]int // by pattern: index of automata
}

// placed is a clause with its rule.
type placed struct {
	clause
	rule int
}

// entry says that a block has an axis. The block has the given word of the axis's rows.
type entry struct{ axis, word int }

// buildIndex returns the index of the audiences of a program's rules: first those of the
// experiments, in order, then those of the exclusions. It keeps the layout of the live payload.
func buildIndex(p *model.Program, live layout) (*index, error) {
	audiences, names := audiencesOf(p)
	x := collectAxes(p.Attributes, audiences)
	ix := &index{axes: x.all, rules: make([][]int, len(audiences)), automaton: map[string]int{}}
	for rule, audience := range audiences {
		clauses, err := normalizer{x}.audience(audience)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", names[rule], err)
		}
		for _, c := range clauses {
			ix.clauses = append(ix.clauses, placed{c, rule})
			if err := ix.compilePatterns(c.tests); err != nil {
				return nil, fmt.Errorf("%s: %w", names[rule], err)
			}
		}
	}
	ix.order()
	ix.keepLayout(live, p)
	for at, c := range ix.clauses {
		ix.rules[c.rule] = append(ix.rules[c.rule], at)
	}
	ix.fill()
	return ix, nil
}

// compilePatterns compiles an automaton for each distinct regular expression.
func (ix *index) compilePatterns(tests []test) error {
	for _, t := range tests {
		if t.Op != model.OpMatches {
			continue
		}
		pattern := t.Strings[0]
		if _, ok := ix.automaton[pattern]; ok {
			continue
		}
		a, err := automaton.Compile(pattern)
		if err != nil {
			return fmt.Errorf("regular expression %q: %w", pattern, err)
		}
		ix.automaton[pattern] = len(ix.automata)
		ix.automata = append(ix.automata, a)
	}
	return nil
}

// argument returns the argument of a test, as the number in the payload.
func (ix *index) argument(w *payload.Writer, t test) uint64 {
	switch t.Op {
	case model.OpMatches:
		return uint64(ix.automaton[t.Strings[0]])
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		return uint64(t.Other)
	case model.OpElapsed:
		return uint64(t.Elapsed)
	}
	return uint64(w.Text(t.Strings[0]))
}

func audiencesOf(p *model.Program) (audiences []*model.Expr, names []string) {
	for _, e := range p.Experiments {
		for i, r := range e.Rules {
			audiences = append(audiences, r.Audience)
			names = append(names, fmt.Sprintf("%s %q, rule %d", e.Kind, e.Key, i+1))
		}
	}
	for _, x := range p.Exclusions {
		audiences = append(audiences, x.Audience)
		names = append(names, "exclude")
	}
	return audiences, names
}

// order sorts the clauses so that clauses with the same axes are together. A block then has few
// axes.
func (ix *index) order() {
	uses := make([]int, len(ix.axes))
	for _, c := range ix.clauses {
		for _, l := range c.literals {
			uses[l.axis]++
		}
	}
	type keyed struct {
		placed
		key []int // axes, the most used first
	}
	all := make([]keyed, len(ix.clauses))
	for i, c := range ix.clauses {
		key := make([]int, len(c.literals))
		for j, l := range c.literals {
			key[j] = l.axis
		}
		slices.SortFunc(key, func(a, b int) int { return cmp.Or(uses[b]-uses[a], a-b) })
		all[i] = keyed{c, key}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		return cmp.Or(slices.Compare(a.key, b.key), a.rule-b.rule)
	})
	for i := range all {
		ix.clauses[i] = all[i].placed
	}
}

// fill computes the rows. Equal rows of an axis are stored once.
func (ix *index) fill() {
	ix.blocks = make([][]entry, (len(ix.clauses)+blockClauses-1)/blockClauses)
	ix.width = make([]int, len(ix.axes))
	ix.cellRow = make([][]int, len(ix.axes))
	words := make([]map[int]int, len(ix.axes)) // by axis: block → word
	for at, c := range ix.clauses {
		block := at / blockClauses
		for _, l := range c.literals {
			if words[l.axis] == nil {
				words[l.axis] = map[int]int{}
			}
			if _, ok := words[l.axis][block]; !ok {
				word := len(words[l.axis])
				words[l.axis][block] = word
				ix.blocks[block] = append(ix.blocks[block], entry{l.axis, word})
			}
		}
	}
	tables := make([][]uint64, len(ix.axes)) // by axis: cells × width words
	for i := range ix.axes {
		ix.width[i] = len(words[i])
		tables[i] = make([]uint64, ix.axes[i].size()*ix.width[i])
		for w := range tables[i] {
			tables[i][w] = ^uint64(0)
		}
	}
	for at, c := range ix.clauses {
		for _, l := range c.literals {
			word, bit := words[l.axis][at/blockClauses], uint64(1)<<(at%blockClauses)
			for cell := range l.cells.n {
				if !l.cells.has(cell) {
					tables[l.axis][cell*ix.width[l.axis]+word] &^= bit
				}
			}
		}
	}
	for _, group := range sameAxes(ix.blocks) {
		ix.selectiveFirst(group, tables)
	}
	for i, table := range tables {
		ix.store(i, table)
	}
}

// sameAxes divides the blocks into groups of neighbours with the same axes.
func sameAxes(blocks [][]entry) [][][]entry {
	var groups [][][]entry
	from := 0
	for i, entries := range blocks {
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.axis, b.axis) })
		if i > from && !slices.EqualFunc(blocks[from], entries, func(a, b entry) bool { return a.axis == b.axis }) {
			groups = append(groups, blocks[from:i])
			from = i
		}
	}
	return append(groups, blocks[from:])
}

// selectiveFirst sorts the axes of a group of blocks by the share of clauses that an average
// cell leaves. So for most requests the core finishes a block after few axes. The core handles
// blocks with the same axes in the same order together.
func (ix *index) selectiveFirst(group [][]entry, tables [][]uint64) {
	survivors := map[int]int{} // by axis
	for _, entries := range group {
		for _, e := range entries {
			for at := e.word; at < len(tables[e.axis]); at += ix.width[e.axis] {
				survivors[e.axis] += popcount(tables[e.axis][at : at+1])
			}
		}
	}
	for _, entries := range group {
		slices.SortFunc(entries, func(a, b entry) int {
			return cmp.Or(cmp.Compare(survivors[a.axis]*ix.axes[b.axis].size(), survivors[b.axis]*ix.axes[a.axis].size()),
				cmp.Compare(a.axis, b.axis))
		})
	}
}

// store adds the rows of an axis word by word: the first words of all rows, then the second words,
// and so on. A clause is a bit of one word of each row, and neighbouring cells mostly have the
// same bit. So adding or removing a clause changes few runs of words, and deltas are small.
func (ix *index) store(axis int, table []uint64) {
	width := ix.width[axis]
	known := map[string]int{}
	var rows [][]uint64
	var content []byte
	for cell := range ix.axes[axis].size() {
		row := table[cell*width : (cell+1)*width]
		content = payload.AppendLittleEndian(content[:0], row)
		number, ok := known[string(content)]
		if !ok {
			number = len(rows)
			known[string(content)] = number
			rows = append(rows, row)
		}
		ix.cellRow[axis] = append(ix.cellRow[axis], number)
	}
	ix.rows = slices.Grow(ix.rows, width*len(rows))
	for word := range width {
		for _, row := range rows {
			ix.rows = append(ix.rows, row[word])
		}
	}
}
