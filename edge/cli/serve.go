package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/push"
	"github.com/sortition-dev/sortition/edge/report"
	"github.com/sortition-dev/sortition/edge/server"
)

// Defaults of the flags that both commands have.
const (
	defaultEnvironment = "production"
	defaultPoll        = 5 * time.Second
	defaultGrace       = 10 * time.Second
)

type serveOptions struct {
	bucket, root, environment string
	application               string
	listen, stateDir          string
	poll, grace               time.Duration
	instances                 int
	engine                    string
	collector, apiKey, source string
	report                    time.Duration
	identity                  identityFlags
	envoy                     envoyFlags
	push, subject             string
	log                       logFlags
}

func newServeCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve --bucket URL [--root FILE]",
		Short: "Assign over HTTP, from the signed bundles in a bucket",
		Long: `Serve loads the newest signed bundle of an environment from a bucket, polls the bucket for
newer ones, and assigns over HTTP:

  POST /api/v1/assign   assign one unit
  GET  /healthz         200 while the process runs
  GET  /readyz          200 once a bundle is active; ?verbose adds details
  GET  /metrics         metrics for Prometheus
       /envoy/ext_authz/ for Envoy, with --envoy-secret-file

It keeps serving while the bucket is unavailable. With --state-dir it can also start without
the bucket, from the last good bundle. The bucket is not trusted: --root names the trusted
keys. New roots signed by these keys are adopted automatically, and kept in --state-dir.

A project may have several applications. With --application the host fetches only the
experiments and flags of that one.

The core runs as WebAssembly, in a sandbox. With --engine native it is part of this program,
and a decision takes about half the time; a request over HTTP costs about the same. You give
up the sandbox and the limit of the core's memory. A bundle that names another core than this
program's is served by wazero all the same; /readyz?verbose and the metric sortition_engine
say which engine serves.

A root can be built into the program. It is then trusted without --root:

  go build -ldflags "-X github.com/sortition-dev/sortition/edge/cli.builtInRoot=$(base64 -w0 root.json)" ./edge

A canary is a revision that some hosts get first: those that a draw from --host-id chooses,
or those of a --label. All others stay with the stable revision until it is promoted.

With --push the host polls at once when the bucket changes. The S3 server must publish its
events to a NATS subject, as versitygw and MinIO can. Regular polling continues.

The bucket is one of
  s3://bucket/prefix?region=…&endpoint=…   with credentials from the usual AWS variables and files
  a path                                   of a directory
  https://…                                of a web server in front of either`,
		Example: `  edge serve --bucket 's3://experiments/shop?region=eu-central-1' --root root.json --state-dir /var/lib/sortition
  edge serve --bucket https://cdn.example.com/experiments --root root.json --listen :8080
  edge serve --bucket ./bucket --root keys/root.json --application web
  edge serve --bucket ./bucket --root keys/root.json --host-id eu-7 --label region=eu
  edge serve --bucket ./bucket --root keys/root.json --collector http://127.0.0.1:8090 --api-key-file api.key

  curl -s localhost:8080/api/v1/assign -d '{"user_id":"u1","context":{"country":"US"}}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.bucket, "bucket", "", "`URL` or directory of the bucket with the bundles (required)")
	f.StringVar(&o.root, "root", "", "`file` of the signed root document with the trusted keys (required unless one is built in)")
	f.StringVar(&o.environment, "environment", defaultEnvironment, "`name` of the environment whose bundles are served")
	f.StringVar(&o.application, "application", "", "`name` of the application in sortition.yaml whose experiments and flags are served (default: all)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 picks a free port")
	f.StringVar(&o.stateDir, "state-dir", "", "`directory` for the last good bundle and the roots, to start from while the bucket is unavailable")
	f.DurationVar(&o.poll, "poll", defaultPoll, "time between polls of the bucket")
	f.IntVar(&o.instances, "instances", 0, "`number` of core instances that decide in parallel (default: one for each processor)")
	f.StringVar(&o.engine, "engine", string(host.EngineWazero), "`name` of what runs the core: wazero or native")
	f.StringVar(&o.collector, "collector", "", "base `URL` of the collector for exposures and status reports (default: none are sent)")
	f.StringVar(&o.apiKey, "api-key-file", "", "`file` with the API key of the collector; the first line is used")
	f.StringVar(&o.source, "source-id", "", "`name` of this host in its exposures (default: the machine's host name)")
	f.DurationVar(&o.report, "report-every", report.DefaultInterval, "how often to tell the collector how this host is doing, by which canaries are judged")
	f.DurationVar(&o.grace, "shutdown-timeout", defaultGrace, "time for requests and exposures to finish after a signal to stop")
	f.StringVar(&o.push, "push", "", "`URL` of a NATS server, such as nats://host:4222, that announces changes of the bucket (default: polling only)")
	f.StringVar(&o.subject, "push-subject", "sortition", "NATS `subject` to which the S3 server publishes its events")
	o.identity.add(cmd)
	o.envoy.add(cmd)
	o.log.add(cmd)
	markRequired(cmd, "bucket")
	cmd.MarkFlagsRequiredTogether("collector", "api-key-file")
	return cmd
}

// markRequired marks flags that the command cannot do without.
func markRequired(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the command has no such flag
		}
	}
}

func (o *serveOptions) run(ctx context.Context, stderr io.Writer) error {
	logger, err := o.log.logger(stderr)
	if err != nil {
		return err
	}
	if o.poll <= 0 {
		return fmt.Errorf("--poll %v: must be more than zero", o.poll)
	}
	if o.report <= 0 {
		return fmt.Errorf("--report-every %v: must be more than zero", o.report)
	}
	engine, err := host.ParseEngine(o.engine)
	if err != nil {
		return fmt.Errorf("--engine: %w", err)
	}
	root, err := readRoot(o.root)
	if err != nil {
		return err
	}
	identity, err := o.identity.read(o.stateDir)
	if err != nil {
		return err
	}
	envoy, err := o.envoy.assigner()
	if err != nil {
		return err
	}
	source, err := openSource(ctx, o.bucket)
	if err != nil {
		return err
	}
	address, err := service.Listen(o.listen, stderr, logger)
	if err != nil {
		return failed(err)
	}
	defer address.Close()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	deadline, cancel := service.Outlive(ctx, o.grace)
	defer cancel()

	var queue *exposure.Queue
	var apiKey string
	if o.collector != "" {
		keys, err := readKeys("api-key-file", o.apiKey)
		if err != nil {
			return err
		}
		apiKey = keys[0]
		if queue, err = o.openQueue(apiKey, logger); err != nil {
			return err
		}
	}
	h, err := host.Open(ctx, host.Options{
		Source: source, Root: root, Environment: o.environment, Application: o.application, ID: identity.ID, Labels: identity.Labels,
		StateDir: o.stateDir, Poll: o.poll, Instances: o.instances, Engine: engine, Logger: logger,
	})
	if err != nil {
		return err
	}

	stopListening := func() {}
	if o.push != "" {
		listener, err := o.hear(h, logger)
		if err != nil {
			return errors.Join(err, h.Close(deadline))
		}
		stopListening = listener.Close
	}
	s := server.New(server.Options{Host: h, Exposures: queue, Logger: logger, Envoy: answerEnvoy(envoy, h)})
	var reporting sync.WaitGroup
	if queue != nil {
		reporter, err := report.New(report.Config{
			Endpoint: o.collector, APIKey: apiKey, Identity: identity,
			Status: h.Status, Activity: s.Activity, Interval: o.report, Logger: logger,
		})
		if err != nil {
			stopListening()
			return errors.Join(err, queue.Close(deadline), h.Close(deadline))
		}
		reporting.Go(func() { reporter.Run(ctx) })
	}
	err = address.Serve(ctx, deadline, s)
	stop()
	stopListening()
	reporting.Wait()
	if queue != nil {
		err = errors.Join(err, queue.Close(deadline))
	}
	return failed(errors.Join(err, h.Close(deadline)))
}

// hear makes the host look when there is news.
func (o *serveOptions) hear(h *host.Host, logger *slog.Logger) (*push.Listener, error) {
	c := push.Config{URL: o.push, Subject: o.subject, Refresh: h.Refresh, Logger: logger}
	if strings.HasPrefix(o.bucket, "s3://") {
		s3, err := store.ParseS3URL(o.bucket)
		if err != nil {
			return nil, fmt.Errorf("--bucket: %w", err)
		}
		c.Bucket, c.Prefix = s3.Bucket, s3.Prefix
	}
	return push.Listen(c)
}

func (o *serveOptions) openQueue(apiKey string, logger *slog.Logger) (*exposure.Queue, error) {
	source := o.source
	if source == "" {
		var err error
		if source, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("--source-id is not set, and the machine has no host name: %w", err)
		}
	}
	return exposure.New(exposure.Config{Endpoint: o.collector, APIKey: apiKey, Source: source, Logger: logger})
}
