package collector

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
	name, damage := c.inspect(seg)
	switch {
	case errors.Is(damage, errUndecodable):
		return c.setAside(seg, damage)
	case damage != nil && !errors.Is(damage, spool.ErrDamaged):
		return damage
	}
	err := c.config.Sink.Write(ctx, name, c.batches(seg))
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
		c.metrics.shipped(c.distinct.Tally())
	}
	return err
}

// errUndecodable says that a blob is whole and yet no batch.
var errUndecodable = errors.New("undecodable")

// inspect reads a segment. It returns the segment's name for sinks. That includes a hash of the
// blobs, so that the readable part of a damaged segment has another name than the whole segment.
// The error is spool.ErrDamaged, errUndecodable, or one of the disk.
func (c *Collector) inspect(seg spool.Segment) (name string, damage error) {
	digest := xxhash.New()
	for blob, err := range c.spool.Blobs(seg) {
		if err != nil {
			damage = err // the last that Blobs returns
			continue
		}
		digest.Write(blob)
		if err := c.batch.Decode(blob); err != nil {
			return "", fmt.Errorf("%w: %w", errUndecodable, err)
		}
	}
	return fmt.Sprintf("%s-%012d-%016x", seg.Boot, seg.Number, digest.Sum64()), damage
}

// batches returns the batches of a segment up to the first damage, without repeated events. They
// are decoded one by one into the same memory.
func (c *Collector) batches(seg spool.Segment) iter.Seq2[*sink.Batch, error] {
	return func(yield func(*sink.Batch, error) bool) {
		c.distinct.Reset()
		for blob, err := range c.spool.Blobs(seg) {
			if errors.Is(err, spool.ErrDamaged) {
				return
			}
			if err == nil {
				err = c.batch.Decode(blob)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			c.distinct.Keep(&c.batch)
			if !yield(&c.batch, nil) {
				return
			}
		}
	}
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
