// Package cli is the command line of the edge program.
//
// This package is internal to Sortition and may change without notice.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/buildinfo"
	"github.com/sortition-dev/sortition/bundle/service"
)

// Exit statuses.
const (
	statusOK      = 0
	statusFailure = 1
	statusUsage   = 2 // wrong usage or wrong configuration
)

// Run runs the program with the arguments after its name, until the command is done or
// ctx ends, and returns the exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusOK
	}
	fmt.Fprintf(stderr, "edge: %v\n", err)
	var failure *failure
	if errors.As(err, &failure) {
		return statusFailure
	}
	return statusUsage
}

// failure is an error of a command whose usage and configuration are right. All other
// errors are mistakes in the usage or the configuration.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failed marks err as a failure; nil stays nil.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "edge",
		Short: "Assign variants and collect events",
		Long: `Edge assigns variants to units, using the signed bundles in a bucket. It also collects
exposures and outcomes, and writes them to the same bucket.

Exit status: 0 done or stopped by a signal, 1 failed, 2 wrong usage or configuration.`,
		Version:       buildinfo.Read().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newServeCommand(), newCollectCommand(), newVersionCommand())
	root.SetVersionTemplate("edge {{.Version}}\n")
	return root
}

// logFlags are the flags of a command that set up its log.
type logFlags struct {
	format string
	level  string
}

func (f *logFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "log-format", "text", "`format` of the log: text or json")
	cmd.Flags().StringVar(&f.level, "log-level", "info", "lowest `level` that is logged: debug, info, warn or error")
	completeWith(cmd, "log-format", "text", "json")
	completeWith(cmd, "log-level", "debug", "info", "warn", "error")
}

// completeWith lets shells complete a flag of the command with the values.
func completeWith(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)); err != nil {
		panic(fmt.Sprintf("complete --%s: %v", flag, err)) // there is no such flag
	}
}

func (f *logFlags) logger(w io.Writer) (*slog.Logger, error) {
	return service.NewLogger(w, f.format, f.level)
}
