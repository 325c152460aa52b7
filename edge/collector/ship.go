package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/edge/collector/backoff"
	"github.com/sortition-dev/sortition/edge/collector/sink"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// waits are the waits after a sink failed.
var waits = backoff.Backoff{Min: 500 * time.Millisecond, Max: 30 * time.Second}

// shipUntilDone writes every sealed segment to the sink, unless ctx ends first.
func (c *Collector) shipUntilDone(ctx context.Context) {
	for attempt := 0; ; attempt++ {
		err := c.ship(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		wait := waits.Wait(attempt)
		c.config.Logger.Warn("cannot store events; they stay in the spool and are sent again",
			"dir", c.config.Dir, "bytes", c.spool.Usage().Bytes, "retry", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// ship writes the sealed segments to the sink, oldest first, until one fails.
func (c *Collector) ship(ctx context.Context) error {
	c.shipping.Lock()
	defer c.shipping.Unlock()
	for _, seg := range c.spool.Sealed() {
		if err := c.shipSegment(ctx, seg); err != nil {
			c.metrics.uploadFailures.Inc()
			return err
		}
	}
	return nil
}

// shipSegment writes one segment to the sink and removes it from the spool. After a crash at any
// point, the next process makes the same call again. A segment that is damaged, or that the sink
// refuses, is set aside after its readable part was written.
func (c *Collector) shipSegment(ctx context.Context, seg spool.Segment) error {
	blobs, damage := c.spool.Read(seg)
	if damage != nil && !errors.Is(damage, spool.ErrDamaged) {
		return damage
	}
	batches := make([]*sink.Batch, len(blobs))
	for i, blob := range blobs {
		var err error
		if batches[i], err = sink.DecodeBatch(blob); err != nil {
			return c.setAside(seg, err)
		}
	}
	tally := sink.Distinct(batches)
	err := c.config.Sink.Write(ctx, segmentName(seg, blobs), batches)
	switch {
	case errors.Is(err, sink.ErrRefused):
		return c.setAside(seg, err)
	case err != nil:
		return err
	case damage != nil:
		err = c.setAside(seg, damage)
	default:
		err = c.spool.Remove(seg)
	}
	if err == nil {
		c.metrics.shipped(tally)
	}
	return err
}

// segmentName returns the name of a segment for sinks. It includes a hash of the blobs, so that the
// readable part of a damaged segment has another name than the whole segment.
func segmentName(seg spool.Segment, blobs [][]byte) string {
	digest := xxhash.New()
	for _, blob := range blobs {
		digest.Write(blob)
	}
	return fmt.Sprintf("%s-%012d-%016x", seg.Boot, seg.Number, digest.Sum64())
}

func (c *Collector) setAside(seg spool.Segment, why error) error {
	path, err := c.spool.SetAside(seg)
	if err != nil {
		return err
	}
	c.metrics.damaged.Inc()
	c.config.Logger.Error("a spool segment is set aside: part of it was not stored",
		"file", path, "error", why)
	return nil
}
