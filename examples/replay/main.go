// Replay decides for every request in a web server's access log, as an edge in front of
// that server would have done. It prints how many visitors each variant would have had:
//
//	go run ./examples/replay --log access.log
//
// The log is in Combined Log Format. The experiments are those of a project directory,
// by default the one beside this file. Replay compiles them, signs them with a temporary
// key, and decides with the host library and the WebAssembly core that edges use. The id
// of a visitor is a keyed hash of address and agent.
//
// Exit status: 0 for success; 1 if the log could not be read or a check failed, such as
// that no visitor sees two variants; 2 for wrong usage or a project with mistakes.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Bounds of the key for unit ids, in bytes.
const (
	minKey = 16
	maxKey = 4 << 10
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

const (
	statusOK      = 0
	statusFailure = 1
	statusUsage   = 2
)

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(stderr)
	project := flags.String("project", "examples/replay/project", "`directory` of the experiments")
	logFile := flags.String("log", "-", "access log `file`; - is standard input")
	keyFile := flags.String("key", "", "`file` with the key for the visitors' hashes (default: a random key, so every run draws differently)")
	format := flags.String("format", "text", "text or json")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return statusOK
	} else if err != nil {
		return statusUsage
	}
	fail := func(status int, err error) int {
		fmt.Fprintf(stderr, "replay: %v\n", err)
		return status
	}
	if flags.NArg() > 0 {
		return fail(statusUsage, fmt.Errorf("unexpected argument %q; name the log with --log", flags.Arg(0)))
	}
	if *format != "text" && *format != "json" {
		return fail(statusUsage, fmt.Errorf("--format %q: use text or json", *format))
	}
	key, err := readKey(*keyFile)
	if err != nil {
		return fail(statusUsage, err)
	}
	h, program, err := open(ctx, *project)
	if err != nil {
		return fail(statusUsage, err)
	}
	defer h.Close(ctx)

	log := stdin
	if *logFile != "-" {
		f, err := os.Open(*logFile)
		if err != nil {
			return fail(statusFailure, err)
		}
		defer f.Close()
		log = f
	}
	report, err := replay(h, program, key, log)
	if err != nil {
		return fail(statusFailure, err)
	}
	write := report.writeTable
	if *format == "json" {
		write = report.writeJSON
	}
	if err := write(stdout); err != nil {
		return fail(statusFailure, err)
	}
	if !report.OK() {
		return fail(statusFailure, errors.New("a check failed that must never fail: see the last lines of the report"))
	}
	return statusOK
}

// readKey reads the key for unit ids. Without a file it makes a random key.
func readKey(file string) ([]byte, error) {
	if file == "" {
		key := make([]byte, minKey)
		rand.Read(key)
		return key, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--key: %w", err)
	}
	defer f.Close()
	key, err := io.ReadAll(io.LimitReader(f, maxKey))
	if err != nil {
		return nil, fmt.Errorf("--key: %w", err)
	}
	if len(key) < minKey {
		return nil, fmt.Errorf("--key: %s has %d bytes, but a key needs at least %d", file, len(key), minKey)
	}
	return key, nil
}
