package reload

import "github.com/sortition-dev/sortition/bundle"

// checkApplication accepts the name of an application, or none.
func checkApplication(name string) error {
	if name == "" {
		return nil
	}
	return bundle.CheckApplication(name)
}

// checkUsable checks that a verified manifest is for the host's environment, that it has a
// payload for its application, and that this program can read that.
func (r *Reloader) checkUsable(m *bundle.Manifest) error {
	err := m.CheckUsable(r.config.Environment)
	if err == nil {
		_, err = m.PayloadOf(r.config.Application)
	}
	return err
}

// raw is what a usable manifest says of the host's raw payload.
func (r *Reloader) raw(m *bundle.Manifest) bundle.Digest {
	return (&bundle.Bundle{Manifest: m, Application: r.config.Application}).Raw()
}
