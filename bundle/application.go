package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Application is an application of a project, with the payload for its hosts. That payload
// holds only the experiments and flags of the application.
type Application struct {
	Name    string  `json:"name"`
	Payload Payload `json:"payload"`
}

// PayloadOf returns the payload for the hosts of an application. If the name is empty, or if
// the manifest has no applications, it is the payload with everything. If the manifest has
// applications but none of this name, the error is [ErrApplication].
func (m *Manifest) PayloadOf(application string) (*Payload, error) {
	if application == "" || len(m.Applications) == 0 {
		return &m.Payload, nil
	}
	names := make([]string, len(m.Applications))
	for i := range m.Applications {
		if names[i] = m.Applications[i].Name; names[i] == application {
			return &m.Applications[i].Payload, nil
		}
	}
	return nil, fmt.Errorf("%w: revision %d has no application %q; it has %q", ErrApplication, m.Revision, application, names)
}

// validateApplications checks that the names are valid, unique and in order, and that the
// numbers are within the limits that keep a manifest under MaxEnvelopeSize.
func (m *Manifest) validateApplications() error {
	if n := len(m.Applications); n > model.MaxApplications {
		return fmt.Errorf("applications: there are %d; the limit is %d", n, model.MaxApplications)
	}
	if !slices.IsSortedFunc(m.Applications, func(a, b Application) int { return cmp.Compare(a.Name, b.Name) }) {
		return errors.New("applications: the names are not in ascending order")
	}
	deltas := 0
	for i := range m.Applications {
		a := &m.Applications[i]
		if i > 0 && a.Name == m.Applications[i-1].Name {
			return fmt.Errorf("applications: %q appears twice", a.Name)
		}
		if err := errors.Join(CheckApplication(a.Name), a.Payload.validate()); err != nil {
			return fmt.Errorf("applications: %d: %w", i, err)
		}
		deltas += len(a.Payload.Deltas)
	}
	if deltas > MaxApplicationDeltas {
		return fmt.Errorf("applications: they have %d deltas; the limit is %d", deltas, MaxApplicationDeltas)
	}
	return nil
}

// CheckApplication checks the name of an application: 1 to [MaxApplicationLength] lower-case
// letters, digits, hyphens and underscores.
func CheckApplication(name string) error {
	if name == "" || len(name) > MaxApplicationLength {
		return fmt.Errorf("application: a name must have 1 to %d characters; %q has %d", MaxApplicationLength, name, len(name))
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return fmt.Errorf("application: a name may contain a-z, 0-9, _ and - only; it is %q", name)
		}
	}
	return nil
}
