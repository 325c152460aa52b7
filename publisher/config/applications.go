package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
)

// resolveApplications fills the applications that the directory serves.
func (l *loader) resolveApplications() {
	p, names := l.project, l.project.File.Applications
	for _, name := range names.Items {
		switch {
		case !l.checkKey(name, "an application"):
		case len(name.Value) > bundle.MaxApplicationLength:
			l.fail(name.Pos, fmt.Sprintf("the key of an application is %d characters long, more than %d", len(name.Value), bundle.MaxApplicationLength), "")
		case slices.Contains(p.Applications, name.Value):
			l.fail(name.Pos, fmt.Sprintf("the application %q is here twice", name.Value), "")
		default:
			p.Applications = append(p.Applications, name.Value)
		}
	}
	if n := len(p.Applications); n > model.MaxApplications {
		l.fail(names.Pos, fmt.Sprintf("there are %d applications, more than %d", n, model.MaxApplications), "")
	}
	slices.Sort(p.Applications)
}

// applications gives the indexes of the applications that an experiment or flag is for:
// none if it is for every one.
func (l *loader) applications(names List[At[string]]) []int {
	if names.Pos != (Pos{}) && len(names.Items) == 0 {
		l.fail(names.Pos, "it is for no application, so no host gets it", "leave the key out for every application, or write status: stopped")
	}
	return l.lookupAll(names.Items, "application", "applications", l.project.Applications)
}

// checkScope reports that other is not in each application in which x is: there it could
// not be decided whether the prerequisite holds.
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
		r.fail(at, fmt.Sprintf("%q is not for the application %s, for which %q is", other.key.Value, strings.Join(missing, ", "), x.key.Value),
			fmt.Sprintf("add it to the applications of %s, or take it from those of %s", other.key.Value, x.key.Value))
	}
}
