package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// counts has the number of instructions by function.
type counts map[string]int64

// readMap reads a perf map, whose lines have an address and a length in hexadecimal, and a
// function. There is no map if nothing was compiled.
func readMap(file string) (map[uint64]string, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	functions := map[uint64]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), " ", 3)
		address, err := strconv.ParseUint(fields[0], 16, 64)
		if err != nil || len(fields) < 3 {
			return nil, fmt.Errorf("%s: %q is not a line of a perf map", file, lines.Text())
		}
		name, _, _ := strings.Cut(fields[2], ":::::") // cuts off the position in the function
		_, name, _ = strings.Cut(name, "]")           // cuts off its number
		functions[address] = "wasm: " + name
	}
	return functions, lines.Err()
}

// row matches a line of the listing: a count, a share, and file and function.
var row = regexp.MustCompile(`^\s*([\d,]+) \(\s*[\d.]+%\)\s+\S*?:(\S.*?)(?: \[.*)?$`)

// readListing reads the output of callgrind_annotate. Addresses of compiled code are replaced
// by the names in the perf map.
func readListing(listing []byte, compiled map[uint64]string) counts {
	c := counts{}
	lines := bufio.NewScanner(bytes.NewReader(listing))
	for lines.Scan() {
		match := row.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		n, err := strconv.ParseInt(strings.ReplaceAll(match[1], ",", ""), 10, 64)
		if err != nil {
			continue
		}
		name := match[2]
		if address, err := strconv.ParseUint(name, 0, 64); err == nil && compiled[address] != "" {
			name = compiled[address]
		}
		name, _, _ = strings.Cut(name, "'") // a recursive call is the same function
		c[strings.ReplaceAll(name, "github.com/sortition-dev/sortition/", "")] += n
	}
	return c
}

func (c counts) write(w io.Writer, operations, top int) {
	total := int64(0)
	for _, n := range c {
		total += n
	}
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int { return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b)) })
	fmt.Fprintf(w, "%9.0f        instructions for one operation\n", float64(total)/float64(operations))
	for _, name := range names[:min(top, len(names))] {
		fmt.Fprintf(w, "%9.0f %5.1f%%  %s\n", float64(c[name])/float64(operations), 100*float64(c[name])/float64(total), name)
	}
}
