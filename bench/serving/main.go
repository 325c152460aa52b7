// Command serving compares what servers of flags cost over HTTP: `edge serve` on each engine, flagd
// and go-feature-flag's relay proxy, and a server of net/http with a fixed answer, below which none
// of them can be. All have the same flag and answer the same requests.
//
//	make bench-serving FLAGD=path/of/flagd GOFF=path/of/go-feature-flag
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bench/callgrind"
	"github.com/sortition-dev/sortition/bench/machine"
)

// fixedArgument makes this program the server with a fixed answer.
const fixedArgument = "fixed"

func main() {
	if len(os.Args) == 4 && os.Args[1] == fixedArgument {
		exit(serveFixed(os.Args[2], os.Args[3]))
	}
	flagd := flag.String("flagd", "", "`path` of flagd; without it flagd is not measured")
	goff := flag.String("goff", "", "`path` of go-feature-flag's relay proxy; without it that is not measured")
	results := flag.String("results", "", "write the table to this `folder` as well")
	flag.Parse()
	exit(run(*flagd, *goff, *results))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "serving:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(flagd, goff, results string) error {
	directory, err := os.MkdirTemp("", "sortition-serving-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	edge, err := buildEdge(directory)
	if err != nil {
		return err
	}
	servers, err := prepare(directory, edge, flagd, goff)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := machine.Describe().WriteHeader(&text, "make bench-serving", versions(flagd, goff)...); err != nil {
		return err
	}
	costs, err := measure(servers, directory)
	if err != nil {
		return err
	}
	if err := write(&text, servers, costs); err != nil {
		return err
	}
	if _, err := io.WriteString(os.Stdout, text.String()); err != nil || results == "" {
		return err
	}
	return os.WriteFile(filepath.Join(results, time.Now().Format(time.DateOnly)+"-serving.txt"), []byte(text.String()), 0o644)
}

// versions returns those of the programs that were given, and of valgrind.
func versions(flagd, goff string) []string {
	var all []string
	for _, program := range []string{flagd, goff} {
		if program != "" {
			all = append(all, filepath.Base(program)+" "+buildVersion(program))
		}
	}
	return append(all, callgrind.Version())
}
