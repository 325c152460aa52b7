package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// approvalFlags say who approves a plan: a person who is asked, or the command line. With dryRun
// the plan is printed, and nothing is published.
type approvalFlags struct {
	yes, dryRun bool
	control.Approval
}

func (f *approvalFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&f.yes, "yes", "y", false, "publish without asking")
	addDryRun(cmd, &f.dryRun)
}

func addDryRun(cmd *cobra.Command, dryRun *bool) {
	cmd.Flags().BoolVar(dryRun, "dry-run", false, "show the plan, and publish nothing")
}

// addOverrides is for commands that gates stop.
func (f *approvalFlags) addOverrides(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.Overrides, "override", nil, "`gate` to override, by its name; may be repeated")
	flags.StringVar(&f.Reason, "reason", "", "why gates are overridden, for the audit log")
}

// open prepares to ask.
func (f *approvalFlags) open(cmd *cobra.Command) error {
	if !f.yes && !f.dryRun && !canAnswer(cmd.InOrStdin()) {
		return usage("there is no terminal to show the plan and ask: give --yes")
	}
	f.Approve = func(_ context.Context, p *plan.Plan) (bool, error) {
		if err := showPlan(cmd.ErrOrStderr(), p); err != nil || f.yes || !p.Changes {
			return true, err
		}
		return confirm(cmd, fmt.Sprintf("publish this to %s?", p.Environment))
	}
	return nil
}

// showPlan writes a plan before the question, or the error, about it.
func showPlan(w io.Writer, p *plan.Plan) error {
	if err := plan.WriteText(w, p); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func canAnswer(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// confirm asks a question whose answer is no unless it is yes. An interrupt ends it: the reading
// goes on until the process ends, because nothing can stop it.
func confirm(cmd *cobra.Command, question string) (bool, error) {
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", question)
	type reply struct {
		line string
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		replies <- reply{line, err}
	}()
	select {
	case <-cmd.Context().Done():
		fmt.Fprintln(cmd.ErrOrStderr())
		return false, cmd.Context().Err()
	case r := <-replies:
		if r.err != nil {
			fmt.Fprintln(cmd.ErrOrStderr()) // nobody has ended the line
		}
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return false, r.err
		}
		answer := strings.ToLower(strings.TrimSpace(r.line))
		return answer == "y" || answer == "yes", nil
	}
}

// planWriters write a plan in the formats of plan and diff.
var planWriters = map[string]func(io.Writer, *plan.Plan) error{
	"text": plan.WriteText, "json": plan.WriteJSON, "markdown": plan.WriteMarkdown,
}
