package reload

import "github.com/sortition-dev/sortition/bundle"

// checkApplication checks the name of an application, which may be empty.
func checkApplication(name string) error {
	if name == "" {
		return nil
	}
	return bundle.CheckApplication(name)
}

// checkUsable checks that a verified manifest is for the host's environment, that it has a payload
// for the host's application, and that this program supports the payload's schema.
func (r *Reloader) checkUsable(m *bundle.Manifest) error {
	err := m.CheckUsable(r.config.Environment)
	if err == nil {
		_, err = m.PayloadOf(r.config.Application)
	}
	return err
}

// raw returns the digest of the host's raw payload in a usable manifest.
func (r *Reloader) raw(m *bundle.Manifest) bundle.Digest {
	return (&bundle.Bundle{Manifest: m, Application: r.config.Application}).Raw()
}
