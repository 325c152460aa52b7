package exposure

import (
	"context"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/collector/client"
)

// requestTimeout bounds one request.
const requestTimeout = 30 * time.Second

// sender sends the exposures of a queue, from one goroutine.
type sender struct {
	*Queue
	batch  []event.Exposure
	packer *packer
	client *client.Client
}

func newSender(q *Queue) (*sender, error) {
	c, err := client.New(client.Config{
		Endpoint: q.config.Endpoint, Path: "/api/v1/exposures", APIKey: q.config.APIKey, Timeout: requestTimeout,
		ContentType: contentType, ContentEncoding: contentEncoding,
		What: "exposures", Otherwise: "they wait in memory and are sent again", Hurry: q.closing,
		HTTPClient: q.config.HTTPClient, Logger: q.config.Logger, Now: q.config.Now,
	})
	if err != nil {
		return nil, err
	}
	p, err := newPacker(q.config.Source, q.boot)
	if err != nil {
		return nil, err
	}
	return &sender{Queue: q, batch: make([]event.Exposure, 0, event.MaxExposures), packer: p, client: c}, nil
}

func (s *sender) run(ctx context.Context) {
	defer close(s.done)
	defer s.cancel()
	ticker := time.NewTicker(s.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-s.wake:
			s.flush(ctx, event.MaxExposures)
		case <-ticker.C:
			s.flush(ctx, 1)
		case <-s.closing:
			s.flush(ctx, 1)
			s.abandon()
			return
		}
	}
}

// flush sends the exposures that wait now, while at least atLeast of them are left.
func (s *sender) flush(ctx context.Context, atLeast int) {
	for left := s.waiting(); left >= atLeast && ctx.Err() == nil; {
		batch := s.take()
		if len(batch) == 0 { // the queue has shed the others
			return
		}
		left -= len(batch)
		s.deliver(ctx, s.packer.pack(batch), len(batch))
	}
}

func (s *sender) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending.n
}

func (s *sender) take() []event.Exposure {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.pending.take(s.batch[:0])
	s.inFlight = len(batch)
	s.readmit()
	return batch
}

// abandon counts the exposures that the last flush has not sent as lost.
func (s *sender) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Lost += uint64(s.pending.n)
	s.pending = ring{}
}

// deliver sends n exposures until they are accepted or refused, or ctx ends.
func (s *sender) deliver(ctx context.Context, body []byte, n int) {
	result, err := s.client.Deliver(ctx, body, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stats.Retried++
	})
	switch result {
	case client.Accepted:
		s.settle(&s.stats.Sent, n)
	case client.Refused:
		s.config.Logger.Error("the collector refused exposures; they are not sent again",
			"endpoint", s.client.URL(), "exposures", n, "error", err)
		s.settle(&s.stats.Rejected, n)
	default:
		s.settle(&s.stats.Lost, n)
	}
}

// settle moves n exposures from the batch in flight to a counter of stats.
func (s *sender) settle(counter *uint64, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*counter += uint64(n)
	s.inFlight -= n
}
