package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/canary"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// shownHosts bounds the hosts of the canary that a screen lists.
const shownHosts = 10

func newCanaryStatusCommand() *cobra.Command {
	var f watchFlags
	var follow bool
	var format string
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Show how a canary stands",
		Long: `Status shows which hosts the canary is for, how these and the others are doing, and what
publisher canary watch would do now. It changes nothing.`,
		Example: `  publisher canary status .
  publisher canary status . --follow         # live, until the canary is over
  publisher canary status . --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			r, err := openRemote(cmd, args[0], config.Load)
			if err != nil {
				return err
			}
			w := f.watcher(r, cmd.ErrOrStderr())
			screen := screen{out: cmd.OutOrStdout(), redraw: isTerminal(cmd.OutOrStdout()), json: format == "json"}
			for {
				state, err := w.look(cmd.Context())
				if errors.Is(err, revision.ErrNoCanary) && screen.last != nil {
					_, err := fmt.Fprintln(screen.out, "the canary is over")
					return failed(err)
				}
				if err != nil {
					return failed(err)
				}
				if err := screen.show(state, canary.Judge(state, w.rules)); err != nil || !follow {
					return failed(err)
				}
				if sleep(cmd.Context(), f.every) != nil {
					return nil // interrupted, as it is meant to be
				}
			}
		},
	}
	f.add(cmd)
	f.addCache(cmd)
	cmd.Flags().BoolVar(&follow, "follow", false, "show it again on each change, until the canary is over")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// screen shows a canary, on a terminal in the place of what it showed before; elsewhere
// only what is new.
type screen struct {
	out          io.Writer
	redraw, json bool
	last         []byte
}

func (s *screen) show(state *canary.State, v canary.Verdict) error {
	if s.json {
		return writeJSON(s.out, progressOf(state, v))
	}
	var b bytes.Buffer
	writeProgress(&b, progressOf(state, v))
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

// progress is the JSON form of how a canary stands.
type progress struct {
	Environment string         `json:"environment"`
	Epoch       uint64         `json:"epoch"`
	Revision    uint64         `json:"revision"`
	Canary      bundle.Canary  `json:"canary"`
	Started     time.Time      `json:"started"`
	Groups      []groupState   `json:"groups"` // the canary, then the other hosts
	Hosts       []hostState    `json:"hosts"`  // of the canary
	Splits      []splitState   `json:"splits"`
	Verdict     canary.Verdict `json:"verdict"`
}

type groupState struct {
	Name      string  `json:"name"`
	Hosts     int     `json:"hosts"`
	Serving   int     `json:"serving"` // the revision that is theirs
	Requests  uint64  `json:"requests"`
	Errors    uint64  `json:"errors"`
	Decisions uint64  `json:"decisions"`
	P99MS     float64 `json:"p99_ms"` // upper bound; 0 without requests
}

type hostState struct {
	Host      string            `json:"host"`
	Revision  uint64            `json:"revision"`
	Serving   bool              `json:"serving"`
	Activated time.Time         `json:"activated,omitzero"`
	Requests  uint64            `json:"requests"`
	Errors    uint64            `json:"errors"`
	Refused   map[string]uint64 `json:"refused"`
}

type splitState struct {
	Experiment string  `json:"experiment"`
	Units      []int64 `json:"units"` // by variant
	Checked    bool    `json:"checked"`
	P          float64 `json:"p"`
}

func progressOf(s *canary.State, v canary.Verdict) *progress {
	p := &progress{
		Environment: s.Environment, Epoch: s.Epoch, Revision: s.Revision, Canary: s.Canary, Started: s.Started,
		Hosts: []hostState{}, Splits: []splitState{}, Verdict: v,
	}
	inside, others := s.Groups()
	for _, g := range []struct {
		name string
		canary.Group
	}{{"canary", inside}, {"others", others}} {
		p.Groups = append(p.Groups, groupState{
			g.name, g.Hosts, g.Serving, g.Requests, g.Errors, g.Decisions, float64(g.Quantile(0.99).Microseconds()) / 1000,
		})
	}
	for i := range s.Hosts {
		h := &s.Hosts[i]
		if !h.InCanary && !s.Serves(h) {
			continue
		}
		state := hostState{Host: h.Host, Revision: h.Revision, Serving: s.Serves(h), Requests: h.Activity.Requests, Errors: h.Activity.Errors, Refused: h.Refused}
		if h.Activated > 0 {
			state.Activated = h.Activated.Time()
		}
		p.Hosts = append(p.Hosts, state)
	}
	for _, split := range s.Splits {
		p.Splits = append(p.Splits, splitState{split.Experiment, split.Units, split.Checked, split.P})
	}
	return p
}

func writeProgress(w io.Writer, p *progress) {
	fmt.Fprintf(w, "revision %d of %s is offered to %s; all others stay with %d\n",
		p.Revision, p.Environment, describeCanary(&p.Canary), p.Canary.Stable)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\thosts\tserving\trequests\terrors\tdecisions\tp99 ms")
	for _, g := range p.Groups {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%g\n", g.Name, g.Hosts, g.Serving, g.Requests, g.Errors, g.Decisions, g.P99MS)
	}
	for i, h := range p.Hosts {
		if i == shownHosts {
			fmt.Fprintf(t, "  and %d more\n", len(p.Hosts)-shownHosts)
			break
		}
		fmt.Fprintf(t, "  %s\t\trevision %d\t%d\t%d\n", h.Host, h.Revision, h.Requests, h.Errors)
	}
	t.Flush() // to w, which takes everything
	for _, s := range p.Splits {
		if s.Checked {
			fmt.Fprintf(w, "units of %s: %v (p = %.2g)\n", s.Experiment, s.Units, s.P)
		}
	}
	fmt.Fprintf(w, "%s: %s\n", p.Verdict.Action, strings.Join(p.Verdict.Reasons, "; "))
}
