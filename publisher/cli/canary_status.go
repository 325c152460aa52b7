package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

// maxShownHosts bounds the hosts of the canary that a screen lists.
const maxShownHosts = 10

func newCanaryStatusCommand() *cobra.Command {
	var f watchFlags
	var cache string
	var follow bool
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "status [DIR]",
		Short: "Show how a canary is doing",
		Long: `Status shows which hosts the canary has, how they and the other hosts are doing, and what
publisher canary watch would do now. It changes nothing.`,
		Example: `  publisher canary status
  publisher canary status shop --follow         # until the canary is over
  publisher canary status shop --format json`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			w := workspace(cmd, dir, withEvents(&cache))
			screen := screen{out: cmd.OutOrStdout(), redraw: isTerminal(cmd.OutOrStdout()), json: format.value == "json"}
			if !follow {
				state, err := w.Canary(cmd.Context(), f.CanaryInput)
				if err != nil {
					return err
				}
				return screen.show(state)
			}
			err = w.FollowCanary(cmd.Context(), f.CanaryInput, f.Every, screen.show)
			if errors.Is(err, context.Canceled) {
				return nil // interrupted, as it is meant to be
			}
			if err == nil {
				_, err = fmt.Fprintln(screen.out, "the canary is over")
			}
			return err
		},
	}
	f.add(cmd)
	addCache(cmd, &cache)
	cmd.Flags().BoolVar(&follow, "follow", false, "show the status again and again until the canary is over")
	format = addFormat(cmd)
	return cmd
}

// screen shows a canary: on a terminal in the place of what it showed before, elsewhere only what
// is new.
type screen struct {
	out          io.Writer
	redraw, json bool
	last         []byte
}

func (s *screen) show(state *control.CanaryState) error {
	if s.json {
		return writeJSON(s.out, state)
	}
	var b bytes.Buffer
	writeCanary(&b, state)
	if bytes.Equal(b.Bytes(), s.last) {
		return nil
	}
	if s.redraw && s.last != nil {
		fmt.Fprintf(s.out, "\033[%dA\033[J", bytes.Count(s.last, []byte("\n")))
	}
	s.last = b.Bytes()
	_, err := s.out.Write(s.last)
	return err
}

func writeCanary(w io.Writer, c *control.CanaryState) {
	fmt.Fprintf(w, "revision %d of %s is offered to %s; all other hosts stay with revision %d\n",
		c.Revision, c.Environment, describeCanary(&c.Canary), c.Canary.Stable)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\thosts\tserving\trequests\terrors\tdecisions\tp99 ms")
	for _, g := range c.Groups {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%g\n", g.Name, g.Hosts, g.Serving, g.Requests, g.Errors, g.Decisions, g.P99MS)
	}
	for i, h := range c.Hosts {
		if i == maxShownHosts {
			fmt.Fprintf(t, "  and %d more\n", len(c.Hosts)-maxShownHosts)
			break
		}
		fmt.Fprintf(t, "  %s\t\trevision %d\t%d\t%d\n", h.Host, h.Revision, h.Requests, h.Errors)
	}
	t.Flush() // to a buffer, which takes everything
	for _, s := range c.Splits {
		if s.Checked {
			fmt.Fprintf(w, "units of %s: %v (p = %.2g)\n", s.Experiment, s.Units, s.P)
		}
	}
	fmt.Fprintf(w, "%s: %s\n", c.Verdict.Action, strings.Join(c.Verdict.Reasons, "; "))
}
