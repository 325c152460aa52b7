package config

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// rewriter changes the lines of a file. It makes one change, after which the places of nodes
// no longer hold.
type rewriter struct {
	*layout
	dropped []string // comments that were removed with what they are about
}

// change changes a block that ends before line to.
func (r *rewriter) change(n ast.Node, t reflect.Type, from, to int, path []any, c Change) error {
	parts := partsOf(n, t)
	for i := range parts {
		next := to
		if i+1 < len(parts) {
			next = parts[i+1].line
		}
		r.divide(&parts[i], next, 0)
	}
	i := indexOf(n, path[0])
	if last := len(path) == 1; last && (c.insert || i < 0) {
		return r.add(n, t, parts, from, path[0], c)
	} else if last && c.Remove {
		r.remove(parts, i, from)
		return nil
	} else if last {
		return r.replace(&parts[i], c.Value)
	}
	p := &parts[i]
	value := anchored(p.value)
	if !block(value) {
		for line := p.line + 1; line < p.end && !r.single(p); line++ {
			if r.comment(line) != "" {
				return fmt.Errorf("%w: there is a comment between brackets", ErrByHand)
			}
		}
		whole, err := r.tree(value).with(path[1:], c)
		if err != nil {
			return err
		}
		return r.replace(p, whole)
	}
	inside := p.line + 1
	if firstLine(value) == p.line {
		inside = p.line
	}
	if len(path) == 2 && c.Remove && len(partsOf(value, nil)) == 1 { // the only one
		if _, list := value.(*ast.SequenceNode); list {
			return r.replace(p, []any{})
		}
		return r.replace(p, Mapping{})
	}
	return r.change(value, p.kind, inside, p.end, path[1:], c)
}

// indexOf returns the index of an entry of a block; -1 if there is none.
func indexOf(n ast.Node, step any) int {
	if list, ok := n.(*ast.SequenceNode); ok {
		if i, ok := step.(int); ok && i < len(list.Values) {
			return i
		}
		return -1
	}
	return slices.IndexFunc(pairsOf(n), func(pair *ast.MappingValueNode) bool {
		name, _ := keyText(pair.Key)
		return name == step
	})
}

// head returns the first line of the comment directly above a part, which is at least from.
func (r *rewriter) head(parts []part, i, from int) int {
	if i > 0 {
		from = parts[i-1].end + len(parts[i-1].foot)
	}
	line := parts[i].line
	for line > from && r.onlyComment(line-1) {
		line--
	}
	return line
}

// onDash reports whether the first line of a part begins with the dash of an item around it.
func (r *rewriter) onDash(p *part) bool {
	return strings.TrimSpace(string(r.lines[p.line][:p.column])) != ""
}

// cut replaces lines. The comments of those that it removes are noted.
func (r *rewriter) cut(from, to int, lines ...string) {
	for line := from; line < to; line++ {
		if text := r.comment(line); text != "" {
			r.dropped = append(r.dropped, strings.TrimSpace(strings.TrimPrefix(text, "#")))
		}
	}
	var runes [][]rune
	for _, line := range lines {
		runes = append(runes, []rune(line))
	}
	r.lines = slices.Replace(r.lines, from, to, runes...)
}

func (r *rewriter) remove(parts []part, i, from int) {
	p := &parts[i]
	first, end := r.head(parts, i, from), p.end+len(p.foot)
	if r.onDash(p) { // the part below is the first of the item then
		below := &parts[i+1]
		copy(r.lines[below.line][:below.column], r.lines[p.line][:p.column])
		r.cut(p.line, end)
		return
	}
	r.cut(first, end)
	if first > 0 && first < len(r.lines) && r.blank(first-1) && r.blank(first) {
		r.lines = slices.Delete(r.lines, first, first+1)
	}
}

func (r *rewriter) blank(line int) bool { return strings.TrimSpace(string(r.lines[line])) == "" }

// add adds an entry to a block: a key where the type of the document has its place, and an
// item before the index.
func (r *rewriter) add(n ast.Node, t reflect.Type, parts []part, from int, step any, c Change) error {
	margin := strings.Repeat(" ", parts[0].column)
	if _, list := n.(*ast.SequenceNode); list {
		at := step.(int)
		if at < len(parts) && r.onDash(&parts[at]) {
			return fmt.Errorf("%w: write the inner list below its dash", ErrByHand)
		}
		line := parts[len(parts)-1].end + len(parts[len(parts)-1].foot)
		if at < len(parts) {
			line = r.head(parts, at, from)
		}
		r.cut(line, line, entryLines(margin, "", c.Value)...)
		return nil
	}
	key := step.(string)
	after, rank := -1, rankOf(t, key)
	for i := range parts {
		if parts[i].rank <= rank {
			after = i
		}
	}
	if after < 0 && r.onDash(&parts[0]) {
		after = 0
	}
	line := r.head(parts, 0, from)
	if after >= 0 {
		line = parts[after].end + len(parts[after].foot)
	}
	r.cut(line, line, entryLines(margin, scalarText(key), c.Value)...)
	return nil
}

// replace writes another value to a part. Its comment stays.
func (r *rewriter) replace(p *part, value any) error {
	start, key := p.column+1, p.key
	if key != "" {
		start = p.column + len([]rune(key)) + 1
	}
	line := r.lines[p.line]
	if start > len(line) || key != "" && line[start-1] != ':' {
		return fmt.Errorf("%w: write the key and its colon on one line", ErrByHand)
	}
	if _, alias := p.value.(*ast.AliasNode); alias && r.fixed && key == "" {
		return fmt.Errorf("%w: the item is an alias", ErrByHand)
	}
	var anchor string
	if a, ok := p.value.(*ast.AnchorNode); ok {
		anchor = "&" + written(a.Name)
	}
	margin := strings.Repeat(" ", p.column)
	lines := entryLines(margin, key, value)
	comment := r.comment(p.line)
	first := string(line[:start])
	switch rest := strings.TrimPrefix(lines[0], margin); {
	case key == "" && len(lines) > 1: // the first line of a block stands behind the dash
		if anchor != "" {
			return fmt.Errorf("%w: the item has an anchor", ErrByHand)
		}
		lines[0] = first + strings.TrimPrefix(rest, "-")
		if comment != "" {
			lines = append([]string{margin + comment}, lines...)
		}
	case key == "":
		lines[0] = join(first, anchor, strings.TrimPrefix(rest, "- "), comment)
	default:
		lines[0] = join(first, anchor, strings.TrimSpace(strings.TrimPrefix(rest, key+":")), comment)
	}
	if comment != "" {
		delete(r.comments, p.line) // it is not removed
	}
	end := p.end
	if r.single(p) {
		end = p.line + 1
	}
	r.cut(p.line, end, lines...)
	return nil
}

// text joins the lines, with the line breaks and the byte order mark of the file before.
func (r *rewriter) text(before []byte) []byte {
	end := "\n"
	if bytes.Contains(before, []byte("\r\n")) {
		end = "\r\n"
	}
	var out bytes.Buffer
	if bytes.HasPrefix(before, []byte("\ufeff")) {
		out.WriteString("\ufeff")
	}
	for _, line := range r.lines {
		out.WriteString(string(line))
		out.WriteString(end)
	}
	return out.Bytes()
}
