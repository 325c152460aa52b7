package cli

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/server"
	"github.com/sortition-dev/sortition/edge/visit"
)

// envoyFlags are those of the endpoint for Envoy.
type envoyFlags struct{ secret, consent string }

func (f *envoyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.secret, "envoy-secret-file", "", "`file` with the secrets that sign cookies and headers for Envoy, newest first (default: no endpoint for Envoy)")
	flags.StringVar(&f.consent, "envoy-consent-cookie", "", "`name` of the cookie that says that the visitor consents to an id")
	cmd.MarkFlagsRequiredTogether("envoy-secret-file", "envoy-consent-cookie")
}

// assigner assigns for Envoy, once it has a host; nil if Envoy is not to be answered.
func (f *envoyFlags) assigner() (*visit.Assigner, error) {
	if f.secret == "" {
		return nil, nil
	}
	secrets, err := readKeys("envoy-secret-file", f.secret)
	if err != nil {
		return nil, err
	}
	sealer, err := cookie.NewSealer(secrets...)
	if err != nil {
		return nil, fmt.Errorf("--envoy-secret-file: %w", err)
	}
	consent := func(r *http.Request) bool {
		_, err := r.Cookie(f.consent)
		return err == nil
	}
	return &visit.Assigner{
		Sealer: sealer, Secure: true,
		Identity: &cookie.Identity{Sealer: sealer, Consent: consent},
		Sticky:   &cookie.Sticky{Sealer: sealer},
	}, nil
}

// answerEnvoy gives an assigner its host, and the handler that it is.
func answerEnvoy(a *visit.Assigner, h *host.Host) http.Handler {
	if a == nil {
		return nil
	}
	a.Host = h
	return server.ExtAuthz(a, server.EnvoyPath)
}
