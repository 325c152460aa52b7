package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Application is one of the applications that a directory serves, with the payload that
// its hosts take instead of the whole one.
type Application struct {
	Name    string  `json:"name"`
	Payload Payload `json:"payload"`
}

// PayloadOf returns the payload for the hosts of an application: the whole one for the
// empty name, and for every name if the manifest has no applications, as then all of them
// get everything. The error for a name that is not among them is ErrApplication.
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
	return nil, fmt.Errorf("%w: revision %d has no %q, it has %q", ErrApplication, m.Revision, application, names)
}

// validateApplications checks that the applications can be told apart and found, and that
// the manifest stays under MaxEnvelopeSize.
func (m *Manifest) validateApplications() error {
	if n := len(m.Applications); n > model.MaxApplications {
		return fmt.Errorf("applications: there are %d, over the limit of %d", n, model.MaxApplications)
	}
	if !slices.IsSortedFunc(m.Applications, func(a, b Application) int { return cmp.Compare(a.Name, b.Name) }) {
		return errors.New("applications: they are not in the order of their names")
	}
	deltas := 0
	for i := range m.Applications {
		a := &m.Applications[i]
		if i > 0 && a.Name == m.Applications[i-1].Name {
			return fmt.Errorf("applications: %q is there twice", a.Name)
		}
		if err := errors.Join(CheckApplication(a.Name), a.Payload.validate()); err != nil {
			return fmt.Errorf("applications: %d: %w", i, err)
		}
		deltas += len(a.Payload.Deltas)
	}
	if deltas > MaxApplicationDeltas {
		return fmt.Errorf("applications: they have %d deltas, over the limit of %d", deltas, MaxApplicationDeltas)
	}
	return nil
}

// CheckApplication checks the name of an application: lower-case letters, digits, hyphens
// and underscores, at most MaxApplicationLength bytes.
func CheckApplication(name string) error {
	if name == "" || len(name) > MaxApplicationLength {
		return fmt.Errorf("application: a name has 1 to %d characters, %q has %d", MaxApplicationLength, name, len(name))
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return fmt.Errorf("application: a name consists of a-z, 0-9, _ and -, not %q", name)
		}
	}
	return nil
}
