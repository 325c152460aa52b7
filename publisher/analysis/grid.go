package analysis

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Shape of the text.
const (
	textWidth = 100 // columns that sentences are wrapped to
	indent    = "  "
	columnGap = "  "
)

// grid is a table of text: the first column is aligned left, the others right, except
// those in left.
type grid struct {
	header []string
	left   map[int]bool
	rows   [][]string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

func (g *grid) write(w io.Writer) error {
	widths := make([]int, len(g.header))
	for _, cells := range append([][]string{g.header}, g.rows...) {
		for i, c := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	total := len(columnGap) * (len(widths) - 1)
	for _, n := range widths {
		total += n
	}
	lines := []string{g.line(g.header, widths), strings.Repeat("─", total)}
	for _, cells := range g.rows {
		lines = append(lines, g.line(cells, widths))
	}
	_, err := io.WriteString(w, indent+strings.Join(lines, "\n"+indent)+"\n")
	return err
}

func (g *grid) line(cells []string, widths []int) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(columnGap)
		}
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
		if i == 0 || g.left[i] {
			b.WriteString(c + pad)
		} else {
			b.WriteString(pad + c)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// wrap breaks text between words so that no line is wider than textWidth. The first
// line begins with lead, the others with as many spaces.
func wrap(lead, text string) string {
	width := utf8.RuneCountInString(lead)
	hang := strings.Repeat(" ", width)
	var b strings.Builder
	b.WriteString(lead)
	column := width
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > textWidth:
			b.WriteString("\n" + hang)
			column = width
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
	return b.String()
}
