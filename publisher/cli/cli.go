// Package cli is the command line of the publisher program: flags and printing. What commands do is
// in package control.
//
// This package is internal to Sortition and may change without notice.
package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Run runs the program with the arguments after its name, until the command is done or ctx ends,
// and returns the exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newProgram()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	report(cmd, err)
	return statusOf(err)
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
	newVersionCommand,
}

func newProgram() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "publisher",
		Short: "Publish experiments and flags, and read their results",
		Long: `Publisher compiles a directory of experiments and flags into a signed bundle in a bucket.
Hosts decide from that bundle, and publisher reads from the same bucket what came of it.

Commands work on the project in the current directory unless DIR names another.

` + statuses,
		Example: `  publisher init shop                      # make a project to start from
  publisher check shop                     # list every mistake, with its line and column
  publisher keygen shop                    # make the signing key, and the root that hosts trust
  publisher plan shop                      # show what a publish would change
  publisher publish shop -m 'first' --yes  # make it live on every host within seconds
  publisher results shop                   # show what won`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	cobra.EnableCommandSorting = false
	for _, command := range commands {
		root.AddCommand(command())
	}
	root.SetHelpCommand(newHelpCommand())
	prepare(root)
	return root
}

// prepare adds to each command what all have in common: the exit statuses in its help, completion,
// and errors that tell wrong usage from failure.
func prepare(cmd *cobra.Command) {
	for _, child := range cmd.Commands() {
		prepare(child)
	}
	if !strings.Contains(cmd.Long, "Exit status: ") {
		cmd.Long = strings.TrimSpace(cmd.Long + "\n\n" + statuses)
	}
	cmd.SetFlagErrorFunc(flagError)
	if cmd.RunE != nil {
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error { return ran(run(cmd, args)) }
	}
	complete(cmd)
}

// group makes a command that has commands. Without one it prints its help.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.AddCommand(commands...)
	return cmd
}

// newHelpCommand makes the command that prints the help of another. An unknown name is wrong usage.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]...",
		Short:   "Print the help of a command",
		Example: `  publisher help canary start`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if found, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range found.Commands() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && !found.HasSubCommands() {
				return usage("unknown command %q for %q", strings.Join(args, " "), cmd.Root().Name())
			}
			if len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			return found.Help()
		},
	}
}
