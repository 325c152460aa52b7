package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
)

// resolveApplications sets the applications that the directory serves.
func (l *loader) resolveApplications() {
	p, names := l.project, l.project.File.Applications
	for _, name := range names.Items {
		switch {
		case !l.checkKey(name, "an application"):
		case len(name.Value) > bundle.MaxApplicationLength:
			l.fail(name.Pos, fmt.Sprintf("the key of an application is %d characters long; the limit is %d", len(name.Value), bundle.MaxApplicationLength), "")
		case slices.Contains(p.Applications, name.Value):
			l.fail(name.Pos, fmt.Sprintf("the application %q appears twice", name.Value), "")
		default:
			p.Applications = append(p.Applications, name.Value)
		}
	}
	if n := len(p.Applications); n > model.MaxApplications {
		l.fail(names.Pos, fmt.Sprintf("there are %d applications; the limit is %d", n, model.MaxApplications), "")
	}
	slices.Sort(p.Applications)
}

// applications returns the indexes of the applications that an experiment or flag lists. It
// returns none if the file lists none, which means all of them.
func (l *loader) applications(names List[At[string]]) []int {
	if names.Pos != (Pos{}) && len(names.Items) == 0 {
		l.fail(names.Pos, "the list of applications is empty, so no host gets this",
			"remove the key to include every application, or write status: stopped")
	}
	return l.lookupAll(names.Items, "application", "applications", l.project.Applications)
}

// checkScope reports an application that includes x but not other. Its hosts could not decide
// whether the prerequisite holds.
func (r *prerequisiteResolver) checkScope(x, other *subject, at Pos) {
	if len(other.applications) == 0 {
		return
	}
	var missing []string
	for i, name := range r.project.Applications {
		if (len(x.applications) == 0 || slices.Contains(x.applications, i)) && !slices.Contains(other.applications, i) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		r.fail(at, fmt.Sprintf("%q does not include the application %s, but %q does", other.key.Value, strings.Join(missing, ", "), x.key.Value),
			fmt.Sprintf("add it to the applications of %s, or remove it from those of %s", other.key.Value, x.key.Value))
	}
}
