package collector

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// Bounds of sending a segment to the bucket.
const (
	uploadTimeout = 2 * time.Minute // of one file
	minBackoff    = 500 * time.Millisecond
	maxBackoff    = 30 * time.Second
)

// shipUntilDone sends every sealed segment, unless ctx ends first.
func (c *Collector) shipUntilDone(ctx context.Context) {
	for attempt := 0; ; attempt++ {
		err := c.ship(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		wait := backoff(attempt)
		c.config.Logger.Warn("cannot send events to the bucket; they stay in the spool",
			"dir", c.config.Dir, "bytes", c.spool.Usage().Bytes, "retry", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// backoff doubles with each attempt; half of it is random.
func backoff(attempt int) time.Duration {
	d := maxBackoff
	if doubled := minBackoff << min(attempt, 16); doubled < maxBackoff {
		d = doubled
	}
	return d/2 + rand.N(d/2)
}

// ship sends the sealed segments, oldest first, up to the first that fails.
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

// shipSegment sends one segment and removes it. A crash at any point leads to the same
// files under the same names the next time, so that a file that exists is as good as one
// that was written. What cannot be read of a damaged segment is set aside.
func (c *Collector) shipSegment(ctx context.Context, seg spool.Segment) error {
	blobs, damage := c.spool.Read(seg)
	if damage != nil && !errors.Is(damage, spool.ErrDamaged) {
		return damage
	}
	r, err := readRows(blobs)
	if err != nil {
		return c.setAside(seg, err)
	}
	files, err := r.files(seg, blobs)
	if err != nil {
		return c.setAside(seg, err)
	}
	for _, f := range files {
		if err := c.upload(ctx, f); err != nil {
			return err
		}
	}
	if damage != nil {
		err = c.setAside(seg, damage)
	} else {
		err = c.spool.Remove(seg)
	}
	if err == nil {
		c.metrics.shipped(r.tally)
	}
	return err
}

func (c *Collector) upload(ctx context.Context, f file) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	err := c.config.Bucket.Create(ctx, f.name, f.data)
	if err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	c.metrics.uploads.Inc()
	return nil
}

func (c *Collector) setAside(seg spool.Segment, why error) error {
	path, err := c.spool.SetAside(seg)
	if err != nil {
		return err
	}
	c.metrics.damaged.Inc()
	c.config.Logger.Error("part of a spool segment cannot be read and was not sent; its file is kept: check the disk",
		"file", path, "error", why)
	return nil
}
