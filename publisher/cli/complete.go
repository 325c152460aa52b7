package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// completions makes shells complete what commands take. The words of their usage say
// what that is: DIR is a project, EXPERIMENT and KEY are keys of what it has, and
// REVISION is a number; anything else is a file.
func completions(cmd *cobra.Command) {
	for _, child := range cmd.Commands() {
		completions(child)
	}
	if cmd.Runnable() && cmd.ValidArgs == nil && !cmd.HasSubCommands() {
		words := operands(cmd.Use)
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			return complete(words, args, word)
		}
	}
	if flag := cmd.Flags().Lookup("format"); flag != nil {
		completeFlag(cmd, flag.Name, strings.FieldsFunc(strings.ReplaceAll(flag.Usage, " or ", ", "), func(r rune) bool { return r == ',' || r == ' ' }))
	}
	for _, name := range []string{environmentFlag, "from"} {
		if cmd.LocalFlags().Lookup(name) != nil {
			completeFlagBy(cmd, name, completeEnvironments)
		}
	}
	if cmd.Flags().Lookup("override") != nil {
		completeFlag(cmd, "override", plan.GateNames)
	}
}

func completeFlag(cmd *cobra.Command, name string, values []string) {
	completeFlagBy(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func completeFlagBy(cmd *cobra.Command, name string, by cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(name, by); err != nil {
		panic(fmt.Sprintf("complete --%s of %s: %v", name, cmd.Name(), err)) // the command has no such flag
	}
}

// operands are the words of a usage line after the name and before flags and
// alternatives, without brackets. A word with dots, which may come again, keeps them.
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

// complete completes the operand after args.
func complete(words, args []string, word string) ([]string, cobra.ShellCompDirective) {
	at := len(args)
	if n := len(words); n > 0 && at >= n && strings.HasSuffix(words[n-1], "...") {
		at = n - 1
	}
	if at >= len(words) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	dir := projectOf(words, args)
	switch strings.TrimSuffix(words[at], "...") {
	case "DIR":
		return nil, cobra.ShellCompDirectiveFilterDirs
	case "EXPERIMENT", "KEY":
		return completeKeys(dir, args, word)
	case "REVISION":
		return completeRevisions(dir, word)
	}
	return nil, cobra.ShellCompDirectiveDefault
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
	project, _ := config.LoadTarget(projectOf(operands(cmd.Use), args))
	if project == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return project.EnvironmentNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeKeys gives the keys of a project's experiments and flags, those that are
// named already left out. A project with mistakes has none.
func completeKeys(dir string, args []string, word string) ([]string, cobra.ShellCompDirective) {
	project, _ := config.Load(dir)
	if project == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var keys []string
	add := func(key, name string) {
		if strings.HasPrefix(key, word) && !slices.Contains(args, key) {
			keys = append(keys, cobra.CompletionWithDesc(key, name))
		}
	}
	for _, e := range project.Experiments {
		add(e.Key, e.Name)
	}
	for _, f := range project.Flags {
		add(f.Key, f.Name)
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// offeredRevisions is the number of revisions that are offered: as many as fit on a
// screen.
const offeredRevisions = 20

// completeRevisions gives the newest revisions that the project has seen, without
// asking the bucket: the log has one entry for each.
func completeRevisions(dir, word string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	project, _ := config.LoadTarget(dir)
	if project == nil {
		return nil, directive
	}
	head, err := readSeen(project)
	if err != nil || head == nil {
		return nil, directive
	}
	var revisions []string
	for n := head.Revision; n > 0 && len(revisions) < offeredRevisions; n-- {
		if text := fmt.Sprint(n); strings.HasPrefix(text, word) {
			revisions = append(revisions, text)
		}
	}
	return revisions, directive
}
