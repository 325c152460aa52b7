// Package automaton turns regular expressions into tables.
//
// A pattern in the syntax of Go's regexp package (RE2) becomes a complete deterministic
// automaton over bytes, which decides whether the pattern matches anywhere in a text. The
// core runs it with one table look-up per byte, without a regular-expression engine, so
// that the cost of a test is bounded by the length of the text.
//
// An automaton agrees with [regexp.MatchString] on every text. In a text that is not valid
// UTF-8, each byte that belongs to no rune reads as U+FFFD.
//
// The steps from a pattern to its automaton:
//
//	syntax.Prog   a program over runes, by regexp/syntax
//	alphabet      the classes of runes that the program tells apart
//	runeDFA       the subset construction over those classes
//	byteDFA       the same with each rune spelled as its UTF-8 bytes
//	Automaton     the smallest one, with the states in breadth-first order
//
// This package is internal to Sortition and may change without notice.
package automaton

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// Limits of a pattern. They keep a table small, and the time to build or reject it well
// below a second.
const (
	MaxPatternLength = 1 << 10 // bytes of a pattern
	MaxInstructions  = 10_000  // instructions that a pattern compiles to
	MaxStates        = 1_000   // states of an automaton
	MaxWork          = 4 << 20 // steps of building one: instructions visited and table entries made
)

// maxDraft bounds the states of an automaton before it is minimised, and with them the
// memory that building one takes.
const maxDraft = 16 * MaxStates

// Dead, Matched and Start are the states that every automaton has. In Dead the text cannot
// match any more; in Matched it has matched. No byte leads out of either.
const (
	Dead    = 0
	Matched = 1
	Start   = 2
)

// Automaton is a complete deterministic automaton. It reads each byte b of a text as the
// symbol Classes[b], and then once, at the end of the text, the symbol Width-1:
//
//	s := Start
//	for each byte b of the text, while s is neither Dead nor Matched:
//		s = Next[s*Width + Classes[b]]
//	matched = Next[s*Width + Width-1] == Matched
//
// It is the smallest automaton for its pattern. It depends only on the pattern and on the
// version of Unicode, which defines case folding and classes such as \pL.
type Automaton struct {
	Classes [256]uint8
	Width   int      // byte classes and the end of the text
	Next    []uint16 // of state*Width + symbol; every element is a state
}

// States returns the number of states.
func (a *Automaton) States() int { return len(a.Next) / a.Width }

// MatchString reports whether the text has a match of the pattern.
func (a *Automaton) MatchString(text string) bool {
	s := Start
	for i := 0; i < len(text) && s >= Start; i++ {
		s = int(a.Next[s*a.Width+int(a.Classes[text[i]])])
	}
	return a.Next[s*a.Width+a.Width-1] == Matched
}

// Compile builds the automaton of a pattern. The error names what RE2 does not support, or
// the limit that the pattern exceeds.
func Compile(pattern string) (*Automaton, error) {
	if len(pattern) > MaxPatternLength {
		return nil, fmt.Errorf("the pattern is %d bytes long; the limit is %d", len(pattern), MaxPatternLength)
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, explain(err)
	}
	if n := instructions(re); n > MaxInstructions {
		return nil, fmt.Errorf("the pattern compiles to %d instructions; the limit is %d; shorten its counted repetitions",
			n, MaxInstructions)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, explain(err)
	}
	work := budget(MaxWork)
	runes, err := determinize(prog, &work)
	if err != nil {
		return nil, err
	}
	bytes, err := spell(runes, &work)
	if err != nil {
		return nil, err
	}
	a := bytes.minimize()
	if a.States() > MaxStates {
		return nil, fmt.Errorf("the pattern needs an automaton of %d states; the limit is %d; "+
			"shorten its counted repetitions, or use smaller character classes", a.States(), MaxStates)
	}
	return a, nil
}

// instructions estimates how many instructions an expression compiles to.
func instructions(re *syntax.Regexp) int {
	n := 1
	for _, sub := range re.Sub {
		n += instructions(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpRepeat:
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// budget is the work that is left.
type budget int

var (
	errTooManyStates = fmt.Errorf("the pattern takes more than %d states before they are reduced to at most %d; "+
		"shorten its counted repetitions, or anchor it with ^", maxDraft, MaxStates)
	errTooMuchWork = fmt.Errorf("the pattern takes more than %d steps to turn into an automaton; "+
		"shorten its counted repetitions, or anchor it with ^", MaxWork)
)

func (b *budget) spend(steps int) error {
	if *b -= budget(steps); *b < 0 {
		return errTooMuchWork
	}
	return nil
}

// maxRepeat is the largest count of a repetition that regexp/syntax reads.
const maxRepeat = 1_000

// explain returns a clearer error for an error of the parser.
func explain(err error) error {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return err
	}
	for _, group := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(e.Expr, group) {
			return fmt.Errorf("%q looks ahead or behind, which RE2 does not support", group)
		}
	}
	switch e.Code {
	case syntax.ErrInvalidEscape:
		if len(e.Expr) == 2 && e.Expr[1] >= '1' && e.Expr[1] <= '9' {
			return fmt.Errorf("%q is a backreference, which RE2 does not support", e.Expr)
		}
	case syntax.ErrInvalidCharRange:
		if strings.HasPrefix(e.Expr, `\`) || strings.HasPrefix(e.Expr, "[:") {
			return fmt.Errorf("%q is not a character class of RE2", e.Expr)
		}
	case syntax.ErrInvalidRepeatSize:
		return fmt.Errorf("%q repeats too often: the counts of nested repetitions multiply, to at most %d", e.Expr, maxRepeat)
	case syntax.ErrTrailingBackslash:
		return errors.New(string(e.Code))
	}
	return fmt.Errorf("%s: %q", e.Code, e.Expr)
}
