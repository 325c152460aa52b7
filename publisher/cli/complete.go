package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// complete makes shells complete what a command takes. The words of its usage say what that is: DIR
// is a project, KEY is an experiment or flag, EXPERIMENT is an experiment, REVISION is a number,
// and any other word is a file.
func complete(cmd *cobra.Command) {
	if cmd.Runnable() && cmd.ValidArgs == nil && cmd.ValidArgsFunction == nil && !cmd.HasSubCommands() {
		words := operands(cmd.Use)
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			return completeOperand(words, args, word)
		}
	}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) { completeValue(cmd, flag) })
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		completeFlag(cmd, flag.Name, cobra.FixedCompletions(flag.Value.(*formatValue).allowed, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, name := range []string{environmentFlag, "from"} {
		if cmd.LocalFlags().Lookup(name) != nil {
			completeFlag(cmd, name, completeEnvironments)
		}
	}
	if cmd.Flags().Lookup("override") != nil {
		completeFlag(cmd, "override", cobra.FixedCompletions(plan.GateNames, cobra.ShellCompDirectiveNoFileComp))
	}
}

// completeValue makes shells complete files only for flags that take them: their usage says so.
func completeValue(cmd *cobra.Command, flag *pflag.Flag) {
	name, _ := pflag.UnquoteUsage(flag)
	switch name {
	case "file", "key", "format", "environment", "gate", "": // said elsewhere, or a file, or nothing
	case "directory":
		completeFlag(cmd, flag.Name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
	case "revision":
		completeFlag(cmd, flag.Name, func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			return completeRevisions(projectOf(operands(cmd.Use), args), word)
		})
	default:
		if flag.Name != environmentFlag {
			completeFlag(cmd, flag.Name, cobra.NoFileCompletions)
		}
	}
}

func completeFlag(cmd *cobra.Command, name string, by cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(name, by); err != nil {
		panic(fmt.Sprintf("complete --%s of %s: %v", name, cmd.Name(), err)) // the command has no such flag
	}
}

// operands are the words of a usage line after the name and before flags and alternatives, without
// brackets. A word that may be repeated keeps its dots.
func operands(use string) []string {
	var words []string
	for _, word := range strings.Fields(use)[1:] {
		if word = strings.NewReplacer("[", "", "]", "").Replace(word); word == "|" || strings.HasPrefix(word, "-") {
			break
		}
		words = append(words, word)
	}
	return words
}

// completeOperand completes the operand after args.
func completeOperand(words, args []string, word string) ([]string, cobra.ShellCompDirective) {
	at := len(args)
	for _, repeated := range []string{"KEY...", "EXPERIMENT..."} {
		if i := slices.Index(words, repeated); i >= 0 && at >= i {
			return completeKeysOrDirectory(args, word, repeated == "EXPERIMENT...")
		}
	}
	if n := len(words); n > 0 && at >= n && strings.HasSuffix(words[n-1], "...") {
		at = n - 1
	}
	if at >= len(words) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	switch words[at] {
	case "DIR":
		return nil, cobra.ShellCompDirectiveFilterDirs
	case "KEY":
		return completeKeys(".", args, word, false), cobra.ShellCompDirectiveNoFileComp
	case "REVISION":
		return completeRevisions(".", word)
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// completeKeysOrDirectory completes [KEY]... [DIR]: nothing follows the directory.
func completeKeysOrDirectory(args []string, word string, experiments bool) ([]string, cobra.ShellCompDirective) {
	if n := len(args); n > 0 && isDirectory(args[n-1]) && kindOf(".", args[n-1]) == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	found := completeKeys(".", args, word, experiments)
	if found == nil {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return append(found, directories(word)...), cobra.ShellCompDirectiveNoFileComp
}

// directories lists the directories whose path begins with word.
func directories(word string) []string {
	paths, err := filepath.Glob(word + "*")
	if err != nil {
		return nil // the word has characters that mean something in a pattern
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || !info.IsDir()
	})
}

// outline lists what a project has; nothing if it cannot be read.
func outline(dir string) *control.Outline {
	o, err := control.Open(dir, control.Options{}).Outline()
	if err != nil {
		return &control.Outline{}
	}
	return o
}

// projectOf is the project that the operands of a command name, or the current directory.
func projectOf(words, args []string) string {
	if i := slices.Index(words, "DIR"); i >= 0 && i < len(args) {
		return args[i]
	}
	return "."
}

// completeEnvironments gives the environments of a project.
func completeEnvironments(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return outline(projectOf(operands(cmd.Use), args)).Environments, cobra.ShellCompDirectiveNoFileComp
}

// completeKeys gives the keys of a project's experiments, and of its flags unless only experiments
// are meant, without those that are named already.
func completeKeys(dir string, args []string, word string, experiments bool) []string {
	o := outline(dir)
	named := o.Experiments
	if !experiments {
		named = slices.Concat(named, o.Flags)
	}
	var keys []string
	for _, n := range named {
		if strings.HasPrefix(n.Key, word) && !slices.Contains(args, n.Key) {
			keys = append(keys, cobra.CompletionWithDesc(n.Key, n.Name))
		}
	}
	return keys
}

// completeRevisions gives the newest revisions that the project has seen, without asking the
// bucket.
func completeRevisions(dir, word string) ([]string, cobra.ShellCompDirective) {
	var revisions []string
	for _, n := range outline(dir).Revisions {
		if text := fmt.Sprint(n); strings.HasPrefix(text, word) {
			revisions = append(revisions, text)
		}
	}
	return revisions, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
