// Package cli is the command line of the publisher program.
//
// This package is internal to Sortition and may change without notice.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
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
	root := newProgram()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusOK
	}
	if s, ok := errors.AsType[exitStatus](err); ok {
		return int(s)
	}
	report(stderr, err)
	if _, failure := errors.AsType[*failure](err); failure {
		return statusFailure
	}
	return statusUsage
}

// report writes an error as people read it: the problems of a project one by one, so
// that editors can jump to them.
func report(w io.Writer, err error) {
	if problems, ok := errors.AsType[config.Problems](err); ok {
		fmt.Fprintf(w, "%v\n%s\n", problems, count(len(problems), "problem"))
		return
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintf(w, "publisher: %v\n", err)
	}
}

// exitStatus is what a command ends with that has said all that there is to say.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// errReported is returned by a command that has said itself what is wrong.
var errReported = errors.New("reported")

// failure is an error that a rightly used command ended with. All other errors are
// about the usage or the configuration.
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

// commands make the commands, in the order of a project's life.
var commands = []func() *cobra.Command{
	newInitCommand,
	newCheckCommand,
	newFmtCommand,
	newSchemaCommand,
	inEnvironment(newKeygenCommand),
	newRootCommand,
	newTestCommand,
	newSimulateCommand,
	inEnvironment(newPlanCommand),
	inEnvironment(newPublishCommand),
	inEnvironment(newPromoteCommand),
	inEnvironment(newCanaryCommand),
	inEnvironment(newRollbackCommand),
	inEnvironment(newKillCommand),
	inEnvironment(newRampCommand),
	inEnvironment(newHistoryCommand),
	inEnvironment(newDiffCommand),
	inEnvironment(newHeartbeatCommand),
	inEnvironment(newAuditCommand),
	newExplainCommand,
	inEnvironment(newResultsCommand),
}

func newProgram() *cobra.Command {
	root := &cobra.Command{
		Use:   "publisher",
		Short: "Publish experiments and flags, and read their results",
		Long: `Publisher turns a directory of experiments and flags into a signed bundle in a bucket,
from which every edge decides, and reads from the same bucket what came of them.

` + statuses,
		Example: `  publisher init shop                 # a project to start from
  publisher check shop                # every mistake, with its line and column
  publisher keygen shop               # the key that signs, and the root that hosts trust
  publisher plan shop                 # what a publish would do, before it does it
  publisher publish shop -m 'first'   # live on every edge within seconds
  publisher results shop`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	cobra.EnableCommandSorting = false
	for _, command := range commands {
		root.AddCommand(command())
	}
	describeStatuses(root)
	completions(root)
	return root
}

// statuses are the exit statuses of a command that does not say otherwise.
const statuses = "Exit status: 0 done, 1 failed, 2 wrong usage or configuration."

// describeStatuses makes the help of every command say what its exit statuses mean.
func describeStatuses(cmd *cobra.Command) {
	for _, child := range cmd.Commands() {
		describeStatuses(child)
	}
	if !strings.Contains(cmd.Long, "Exit status: ") {
		cmd.Long = strings.TrimSpace(cmd.Long + "\n\n" + statuses)
	}
}

// group makes a command that has commands: without one it prints its help.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(commands...)
	return cmd
}

// version is that of the module, and of the commit where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && info.Main.Version == "(devel)" {
			return "(devel) " + s.Value[:12]
		}
	}
	return info.Main.Version
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
