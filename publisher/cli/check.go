package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
)

func newCheckCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Report every mistake in a project directory",
		Long: `Check reads the project in DIR (default: the current directory), compiles it, and
reports every mistake at once: file:line:column, what is wrong, and what to do. Files
are named relative to DIR. What the gates require experiments and flags to say counts
as a mistake. For each route it prints how many combinations of variants there are, of
which a cache keeps a copy each. Nothing is written and nothing is fetched.

Exit status: 0 no problems, 2 problems.`,
		Example: `  publisher check shop
  publisher check shop --format json | jq '.problems[]'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			switch format {
			case "text":
				return checkText(cmd.OutOrStdout(), dir)
			case "json":
				return checkJSON(cmd.OutOrStdout(), dir)
			}
			return fmt.Errorf("--format %q: use text or json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// checked is what a check finds: problems, or a project.
type checked struct {
	Problems config.Problems `json:"problems"`
	Project  *summary        `json:"project,omitempty"`
}

type summary struct {
	Environment string         `json:"environment"`
	Bucket      string         `json:"bucket"`
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     int            `json:"payload_bytes"` // before it is packed
	Routes      []routeSummary `json:"routes"`

	project *config.Project
}

// routeSummary says how many copies of its pages caches keep.
type routeSummary struct {
	Route        string   `json:"route"`
	Keys         []string `json:"keys"`
	Combinations int      `json:"combinations"`
}

func routeSummaries(routes []config.Route) []routeSummary {
	all := make([]routeSummary, len(routes))
	for i, r := range routes {
		all[i] = routeSummary{r.Pattern, r.Keys, r.Combinations}
	}
	return all
}

func check(dir string) (checked, error) {
	project, problems := config.Load(dir)
	if problems == nil {
		problems = project.Unstated()
	}
	if problems != nil {
		return checked{Problems: problems}, nil
	}
	program, err := compile.Program(project, nil, time.Now())
	if err != nil {
		return checked{}, err
	}
	payload, err := compile.Payload(program)
	if err != nil {
		return checked{}, err
	}
	return checked{Problems: config.Problems{}, Project: &summary{
		Environment: project.Environment, Bucket: project.Bucket,
		Experiments: len(project.Experiments), Flags: len(project.Flags),
		Payload: len(payload), Routes: routeSummaries(project.Routes), project: project,
	}}, nil
}

func checkJSON(w io.Writer, dir string) error {
	c, err := check(dir)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return failed(err)
	}
	if len(c.Problems) > 0 {
		return errReported
	}
	return nil
}

func checkText(w io.Writer, dir string) error {
	c, err := check(dir)
	if err != nil {
		return err
	}
	if err := c.Problems.Err(); err != nil {
		return err
	}
	s := c.Project
	fmt.Fprintf(w, "no problems: environment %s, bucket %s\n", s.Environment, s.Bucket)
	fmt.Fprintf(w, "%s%s\n", count(s.Experiments, "experiment"), byStatus(experimentStatuses(s.project)))
	fmt.Fprintf(w, "%s%s\n", count(s.Flags, "flag"), byStatus(flagStatuses(s.project)))
	fmt.Fprintf(w, "payload of %d bytes\n", s.Payload)
	for _, r := range s.Routes {
		fmt.Fprintf(w, "route %s: %s of variants, of %s\n", r.Route, count(r.Combinations, "combination"), strings.Join(r.Keys, ", "))
	}
	return nil
}

func experimentStatuses(p *config.Project) []config.Status {
	var statuses []config.Status
	for _, e := range p.Experiments {
		statuses = append(statuses, e.Status)
	}
	return statuses
}

func flagStatuses(p *config.Project) []config.Status {
	var statuses []config.Status
	for _, f := range p.Flags {
		statuses = append(statuses, f.Status)
	}
	return statuses
}

// byStatus is, for example, ": 3 running, 1 draft"; empty for none.
func byStatus(statuses []config.Status) string {
	counts := map[config.Status]int{}
	for _, s := range statuses {
		counts[s]++
	}
	var parts []string
	for _, s := range []config.Status{config.Running, config.Paused, config.Draft, config.Stopped} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
