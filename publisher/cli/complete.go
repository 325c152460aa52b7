package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
)

// completeProject completes the directory of a project.
func completeProject(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeKeys completes the directory of a project and then keys of its experiments and
// flags, those not yet named; a project with mistakes has no keys.
func completeKeys(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	project, _ := config.Load(args[0])
	if project == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var keys []string
	add := func(key, name string) {
		if strings.HasPrefix(key, word) && !slices.Contains(args[1:], key) {
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
