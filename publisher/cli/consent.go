package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// consentFlags say who agrees to a publish: a person who is asked, or the command line.
type consentFlags struct {
	yes       bool
	overrides []string
	reason    string
}

func (f *consentFlags) add(cmd *cobra.Command) {
	f.addYes(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.overrides, "override", nil, "`gate` to override, by its name; may be repeated")
	flags.StringVar(&f.reason, "reason", "", "why gates are overridden, for the audit log")
}

// addYes is for commands that no gate stops.
func (f *consentFlags) addYes(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "publish without asking")
}

// check finds what is wrong with the flags before anything is done.
func (f *consentFlags) check(cmd *cobra.Command) error {
	for _, name := range f.overrides {
		if !slices.Contains(plan.GateNames, name) {
			return fmt.Errorf("--override %s: unknown gate%s", name, hint(name, "gates", plan.GateNames))
		}
	}
	switch {
	case len(f.overrides) > 0 && strings.TrimSpace(f.reason) == "":
		return errors.New("--override needs --reason: the audit log keeps why a gate was overridden")
	case len(f.overrides) == 0 && f.reason != "":
		return errors.New("--reason says why a gate is overridden: name it with --override")
	case len(f.reason) > maxReason:
		return fmt.Errorf("--reason: at most %d bytes", maxReason)
	case !f.yes && !canAnswer(cmd.InOrStdin()):
		return errors.New("there is no terminal to show the plan and ask: give --yes")
	}
	return nil
}

// errDeclined says that a gate, or who was asked, did not want what the plan shows.
var errDeclined = errors.New("not published")

// maxReason leaves room for the gate's name in a line of the audit log.
const maxReason = bundle.MaxMessageLength - 64

func canAnswer(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// consent shows the plan on standard error, and returns nil if it may be published: no
// gate stops it, and who is asked says yes.
func (f *consentFlags) consent(cmd *cobra.Command, p *plan.Plan) error {
	out := cmd.ErrOrStderr()
	if err := plan.WriteText(out, p); err != nil {
		return failed(err)
	}
	fmt.Fprintln(out)
	if stopped := p.Stopped(); len(stopped) > 0 {
		return failed(fmt.Errorf("%w: gates stop it: %s", errDeclined, gatesOf(stopped)))
	}
	if f.yes || !p.Changes {
		return nil
	}
	fmt.Fprintf(out, "publish this to %s? [y/N] ", p.Environment)
	answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return failed(err)
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return failed(errDeclined)
	}
	return nil
}

func gatesOf(breaches []plan.Breach) string {
	var names []string
	for _, b := range breaches {
		if !slices.Contains(names, b.Gate) {
			names = append(names, b.Gate)
		}
	}
	return strings.Join(names, ", ")
}

// noted are the overridden gates with the reason, as the audit log keeps them.
func (f *consentFlags) noted(p *plan.Plan) []string {
	var lines []string
	for _, gate := range p.Overridden() {
		lines = append(lines, gate+": "+f.reason)
	}
	return lines
}
