package cli

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

// environmentFlag is the flag of commands about what is published in an environment.
const environmentFlag = "environment"

// inEnvironment gives a command, and those that it has, the flag that names an environment.
func inEnvironment(make func() *cobra.Command) func() *cobra.Command {
	return func() *cobra.Command {
		cmd := make()
		cmd.PersistentFlags().String(environmentFlag, "", "`name` of one of the project's environments (default: its own)")
		return cmd
	}
}

// environmentOf is the environment that a command is about; empty for the project's own.
func environmentOf(cmd *cobra.Command) string {
	if f := cmd.Flag(environmentFlag); f != nil {
		return f.Value.String()
	}
	return ""
}

// freshFlag is the flag of commands that read all files of a project.
const freshFlag = "fresh"

func addFresh(cmd *cobra.Command) {
	cmd.Flags().Bool(freshFlag, false, "read every file anew, and leave the project's cache alone")
}

func isFresh(cmd *cobra.Command) bool {
	f := cmd.Flag(freshFlag)
	return f != nil && f.Value.String() == "true"
}

// directoryArgument accepts [DIR].
func directoryArgument(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("%s takes one directory, and %s were given; %s", cmd.CommandPath(), count(len(args), "argument"), usageLine(cmd))
	}
	return nil
}

// directory is the argument that names a project, or the current directory.
func directory(args []string) (string, error) {
	if len(args) == 0 {
		return ".", nil
	}
	dir := args[0]
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return dir, nil
	}
	if kind := kindOf(".", dir); kind != "" {
		return "", usage("%q is %s and not a directory; the directory of a project is expected here", dir, kind)
	}
	if err == nil {
		return "", usage("%s is a file; the directory of a project is expected here", dir)
	}
	return dir, nil
}

// keyAndDirectory accepts KEY [DIR].
func keyAndDirectory(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usage("name an experiment or flag; %s", usageLine(cmd))
	case len(args) > 2:
		return usage("%s takes a key and a directory; %s", cmd.CommandPath(), usageLine(cmd))
	case isDirectory(args[0]) && (isPath(args[0]) || kindOf(".", args[0]) == "" && (len(args) == 1 || !isDirectory(args[1]))):
		return usage("%q is a directory, and a key comes first; %s", args[0], usageLine(cmd))
	}
	return nil
}

// keysAndDirectory divides the arguments [KEY]... [DIR]: the last is the directory if it is one.
func keysAndDirectory(cmd *cobra.Command, args []string) (keys []string, dir string, err error) {
	dir = "."
	if n := len(args); n > 0 && isDirectory(args[n-1]) {
		if kind := kindOf(".", args[n-1]); kind != "" {
			return nil, "", usage("%q is %s and also a directory: write %s for the directory, or give the directory of the project after the key, as in %s %s .",
				args[n-1], kind, "./"+args[n-1], cmd.CommandPath(), args[n-1])
		}
		keys, dir = args[:n-1], args[n-1]
	} else {
		keys = args
	}
	for _, key := range keys {
		if isDirectory(key) && kindOf(dir, key) == "" {
			return nil, "", usage("%q is a directory, and the directory comes last; %s", key, usageLine(cmd))
		}
	}
	return keys, dir, nil
}

func usageLine(cmd *cobra.Command) string { return "usage: " + cmd.UseLine() }

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isPath tells whether an argument can be no key.
func isPath(arg string) bool { return strings.ContainsAny(arg, `./\`) }

// kindOf says what a project has under a key: "an experiment", "a flag" or nothing.
func kindOf(dir, key string) string {
	if isPath(key) {
		return ""
	}
	outline, err := control.Open(dir, control.Options{}).Outline()
	if err != nil {
		return ""
	}
	is := func(n control.Named) bool { return n.Key == key }
	switch {
	case slices.ContainsFunc(outline.Experiments, is):
		return "an experiment"
	case slices.ContainsFunc(outline.Flags, is):
		return "a flag"
	}
	return ""
}

// oneArgument accepts exactly one argument.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("name %s; %s", what, usageLine(cmd))
		}
		return nil
	}
}

// argumentsAndDirectory accepts n arguments and then [DIR].
func argumentsAndDirectory(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usage("name %s; %s", what, usageLine(cmd))
		case len(args) > n+1:
			return usage("%s takes %s and a directory; %s", cmd.CommandPath(), what, usageLine(cmd))
		case isDirectory(args[0]) && !isDirectory(args[len(args)-1]):
			return usage("%q is a directory, and the directory comes last; %s", args[0], usageLine(cmd))
		}
		return nil
	}
}
