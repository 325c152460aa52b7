package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/collector"
	"github.com/sortition-dev/sortition/edge/collector/sink/bucket"
)

type collectOptions struct {
	bucket, listen, spool string
	apiKeys, unitKey      string
	rotate, grace         time.Duration
	budget                int64
	log                   logFlags
}

func newCollectCommand() *cobra.Command {
	var o collectOptions
	cmd := &cobra.Command{
		Use:   "collect --bucket URL --spool DIR --api-key-file FILE --unit-key-file FILE",
		Short: "Receive exposures and outcomes, and write them to a bucket",
		Long: `Collect receives events from hosts and applications:

  POST /api/v1/track         one outcome
  POST /api/v1/track/batch   up to 100 outcomes
  POST /api/v1/exposures     a batch of exposures, from edge serve
  POST /api/v1/hosts         the status of an edge serve, by which canaries are judged
  GET  /healthz, /readyz, /metrics

It answers 202 after the events are durable in the spool, a directory on a local disk. From
there it writes them to the bucket as Parquet files. An accepted event survives a crash of
the collector and an outage of the bucket.

Unit ids are stored only as a keyed hash. All collectors of an environment need the same
key in --unit-key-file: 32 random bytes or more, for example from "openssl rand -hex 32".
The file of --api-key-file has one key a line. Senders use one of them in the header
"Authorization: Bearer KEY".`,
		Example: `  edge collect --bucket 's3://experiments/shop?region=eu-central-1' --spool /var/lib/sortition/spool \
      --api-key-file api.keys --unit-key-file unit.key --listen :8090

  curl -s localhost:8090/api/v1/track -H "Authorization: Bearer $(head -1 api.keys)" \
      -d '{"user_id":"u1","event_name":"purchase","properties":{"value":9.5}}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.bucket, "bucket", "", "`URL` of the bucket for events: s3://bucket/prefix, or a directory (required)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8090", "`address` to listen on; port 0 picks a free port")
	f.StringVar(&o.spool, "spool", "", "`directory` for accepted events that are not in the bucket yet (required)")
	f.StringVar(&o.apiKeys, "api-key-file", "", "`file` with the API keys of senders, one a line (required)")
	f.StringVar(&o.unitKey, "unit-key-file", "", "`file` with the key for hashing unit ids (required)")
	f.DurationVar(&o.rotate, "rotate", collector.DefaultRotateEvery, "longest time before accepted events are written to the bucket")
	f.Int64Var(&o.budget, "spool-budget", collector.DefaultBudget, "largest size of the spool in `bytes`; above it, events are refused")
	f.DurationVar(&o.grace, "shutdown-timeout", defaultGrace, "time for requests and the spool to finish after a signal to stop")
	o.log.add(cmd)
	markRequired(cmd, "bucket", "spool", "api-key-file", "unit-key-file")
	return cmd
}

func (o *collectOptions) run(ctx context.Context, stderr io.Writer) error {
	logger, err := o.log.logger(stderr)
	if err != nil {
		return err
	}
	if o.rotate <= 0 {
		return fmt.Errorf("--rotate %v: must be more than zero", o.rotate)
	}
	if o.budget < collector.MinBudget {
		return fmt.Errorf("--spool-budget %d: must be at least %d bytes", o.budget, int64(collector.MinBudget))
	}
	apiKeys, err := readKeys("api-key-file", o.apiKeys)
	if err != nil {
		return err
	}
	unitKeys, err := readKeys("unit-key-file", o.unitKey)
	if err != nil {
		return err
	}
	if len(unitKeys) > 1 || len(unitKeys[0]) < collector.MinHashKey {
		return fmt.Errorf("--unit-key-file: %s must hold one key of at least %d random characters", o.unitKey, collector.MinHashKey)
	}
	events, err := store.Open(ctx, o.bucket)
	if err != nil {
		return fmt.Errorf("--bucket: %w", err)
	}
	address, err := service.Listen(o.listen, stderr, logger)
	if err != nil {
		return failed(err)
	}
	defer address.Close()
	files := bucket.New(events)
	c, err := collector.New(collector.Config{
		Sink: files, Metrics: files.Metrics(), Bucket: events, Dir: o.spool, APIKeys: apiKeys, HashKey: []byte(unitKeys[0]),
		RotateEvery: o.rotate, Budget: o.budget, Logger: logger,
	})
	if err != nil {
		return failed(err)
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	deadline, cancel := service.Outlive(ctx, o.grace)
	defer cancel()
	var shipping sync.WaitGroup
	var shipped error
	shipping.Go(func() { shipped = c.Run(ctx) })
	err = address.Serve(ctx, deadline, c.Handler())
	stop()
	shipping.Wait()
	return failed(errors.Join(err, shipped, c.Close(deadline)))
}
