package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/bundle/model"
)

// WriteText writes explanations as text: a heading for each decision, and a line for each step,
// each test of an audience, and each draw with the SQL query that repeats it.
func WriteText(out io.Writer, explanations []Explanation) error {
	w := bufio.NewWriter(out)
	for i := range explanations {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeExplanation(w, &explanations[i])
	}
	return w.Flush()
}

func writeExplanation(w io.Writer, x *Explanation) {
	outcome := "no variant"
	if x.Variant != model.None {
		outcome = x.VariantKey
	}
	fmt.Fprintf(w, "%s (%s) → %s, reason %s\n", x.Experiment, x.Kind, outcome, x.Reason)
	rule := model.None
	for _, s := range x.Steps {
		if s.Rule != model.None && s.Rule != rule && x.Kind == model.KindFlag {
			fmt.Fprintf(w, "  rule %d\n", s.Rule+1)
		}
		rule = s.Rule
		writeStep(w, &s)
	}
}

// The columns of a step: its mark, its name, its detail.
const (
	nameWidth = len(StepPrerequisite)
	indent    = "                  " // as wide as mark and name
)

func writeStep(w io.Writer, s *Step) {
	fmt.Fprintf(w, "  %s %-*s  %s\n", either(s.Passed, "✓", "✗"), nameWidth, s.Name, s.Detail)
	writeTests(w, s.Tests)
	if s.Draw != nil {
		fmt.Fprintf(w, "%s%s\n%s%s\n", indent, s.Draw, indent, s.Draw.SQL())
	}
}

func writeTests(w io.Writer, tests []Test) {
	width := 0
	for _, t := range tests {
		width = max(width, utf8.RuneCountInString(t.Expression))
	}
	for _, t := range tests {
		fmt.Fprintf(w, "%s%-7s  %-*s  %s\n", indent, t.Result, width, t.Expression, t.Value)
	}
}

// ranges formats ranges with both ends included, in the order of positions.
type ranges []model.Range

func (r ranges) String() string {
	texts := make([]string, 0, len(r))
	for _, part := range r {
		if part.From < part.To {
			texts = append(texts, fmt.Sprintf("%d–%d", part.From, part.To-1))
		}
	}
	if len(texts) == 0 {
		return "no slots"
	}
	return strings.Join(texts, ", ")
}

// sharesText returns the variant slots of each variant.
func sharesText(shares []Share) string {
	texts := make([]string, len(shares))
	for i, s := range shares {
		texts[i] = s.Variant + " " + ranges{{From: s.From, To: s.To}}.String()
	}
	return strings.Join(texts, ", ")
}

// names formats keys, separated by commas.
type names []string

func (n names) String() string { return strings.Join(n, ", ") }

// moment formats milliseconds since the Unix epoch as a time.
type moment int64

func (m moment) String() string {
	return time.UnixMilli(int64(m)).UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
