package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelp holds every command to what a person needs: what it is for, an example, and
// what its exit statuses mean.
func TestHelp(t *testing.T) {
	n := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		n++
		if cmd.Short == "" || !strings.Contains(cmd.Long, "Exit status: 0 ") {
			t.Errorf("%s: the help is %q and %q", cmd.CommandPath(), cmd.Short, cmd.Long)
		}
		if cmd.Example == "" && !cmd.HasSubCommands() || !strings.Contains(cmd.Example, "publisher ") && cmd.Example != "" {
			t.Errorf("%s: the example is %q", cmd.CommandPath(), cmd.Example)
		}
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if len([]rune(line)) > 120 {
				t.Errorf("%s: a line does not fit on a terminal: %s", cmd.CommandPath(), line)
			}
		}
		for _, child := range cmd.Commands() {
			visit(child)
		}
	}
	visit(newProgram())
	if n < 20 {
		t.Errorf("there are %d commands", n)
	}
}
