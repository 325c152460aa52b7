package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Marks around the expression that a mutant replaces, in the text where it stands.
const (
	opens  = "«"
	closes = "»"
)

// site is where an expression stands in a file, and the mutants that replace it.
type site struct {
	from, to int
	numbers  []int // of mutants
}

// writeOverlay writes changed sources and what go test needs to use them, and returns the
// latter's path.
func writeOverlay(work string) (string, error) {
	sites := map[string][]site{}
	for i, m := range mutants {
		from, to, err := m.find()
		if err != nil {
			return "", err
		}
		at := slices.IndexFunc(sites[m.file], func(s site) bool { return s.from == from && s.to == to })
		if at < 0 {
			at = len(sites[m.file])
			sites[m.file] = append(sites[m.file], site{from: from, to: to})
		}
		sites[m.file][at].numbers = append(sites[m.file][at].numbers, i)
	}
	replace := map[string]string{}
	add := func(path, source string) error {
		original, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		changed := filepath.Join(work, strings.ReplaceAll(path, "/", "_"))
		replace[original] = changed
		return os.WriteFile(changed, []byte(source), 0o600)
	}
	for file, list := range sites {
		source, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if err := add(file, change(string(source), list)); err != nil {
			return "", err
		}
		if err := add(filepath.Join(filepath.Dir(file), "mutate_.go"), helper(filepath.Base(filepath.Dir(file)))); err != nil {
			return "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(work, "overlay.json")
	return path, os.WriteFile(path, overlay, 0o600)
}

// find returns where the mutant's expression begins and ends in its file.
func (m *mutant) find() (from, to int, err error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return 0, 0, err
	}
	before, rest, _ := strings.Cut(m.where, opens)
	expression, after, ok := strings.Cut(rest, closes)
	if text := before + expression + after; !ok || strings.Count(string(source), text) != 1 {
		return 0, 0, fmt.Errorf("%s: the check is no longer where it was: %s has %d times %q",
			m.check, m.file, strings.Count(string(source), text), text)
	}
	from = strings.Index(string(source), before+expression+after) + len(before)
	return from, from + len(expression), nil
}

// change has every site ask which value it is to have.
func change(source string, sites []site) string {
	slices.SortFunc(sites, func(a, b site) int { return cmp.Compare(b.from, a.from) }) // the last first
	for _, s := range sites {
		expression := source[s.from:s.to]
		for _, number := range s.numbers {
			expression = fmt.Sprintf("mutate(%d, %s, %s)", number, expression, mutants[number].becomes)
		}
		source = source[:s.from] + expression + source[s.to:]
	}
	return source
}

// helper is the file that each package with mutants gets.
func helper(pkg string) string {
	return "package " + pkg + `

import (
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("` + variable + `"))

func mutate[T any](number int, original, mutated T) T {
	if number == mutant {
		return mutated
	}
	return original
}
`
}
