package collector

import (
	"strconv"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// decodeExposures reads the body of POST /api/v1/exposures. It ignores unknown fields, so that
// hosts may be upgraded before collectors.
func (d *decoder) decodeExposures(text []byte, f format) error {
	read := readJSONExposures
	if f == msgpackFormat {
		read = readPackedExposures
	}
	n, err := read(d, text)
	if err == nil {
		err = d.exposures.Validate()
	}
	if err == nil {
		err = event.CheckCount("exposures", n, event.MaxExposures)
	}
	if err != nil {
		return err
	}
	d.batch.Reset(model.MillisOf(d.now), d.exposures.Source, d.exposures.Boot)
	for i := range d.exposures.Exposures {
		x := &d.exposures.Exposures[i]
		if err := x.Validate(d.now); err != nil {
			return service.Within("exposures["+strconv.Itoa(i)+"]", err)
		}
		d.batch.AddExposure(&sink.Exposure{
			Seq: x.Seq, Time: x.Time, Experiment: x.Experiment, Variant: x.Variant,
			Phase: int32(x.Phase), Unit: x.Unit, UnitHash: d.hasher.Hash(x.Unit, x.UnitID),
			Revision: x.Revision, Override: x.Override,
		})
	}
	return nil
}

// readJSONExposures reads an event.ExposureBatch into d.exposures. It returns how many exposures
// there are. It skips those beyond the limit.
func readJSONExposures(d *decoder, text []byte) (n int, err error) {
	r, in := d.json, &d.exposures
	r.Reset(text)
	err = r.Object("", func(name string) (err error) {
		switch name {
		case "source":
			in.Source, err = r.String(name)
		case "boot":
			in.Boot, err = r.String(name)
		case "exposures":
			err = r.Array(name, func(i int) error {
				if n = i + 1; n > event.MaxExposures {
					return r.Skip()
				}
				in.Exposures = append(in.Exposures, event.Exposure{})
				return readJSONExposure(r, &in.Exposures[i])
			})
		default:
			err = r.Skip()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, r.End()
}

func readJSONExposure(r *service.JSONReader, x *event.Exposure) error {
	return r.Object("", func(name string) (err error) {
		switch name {
		case "seq":
			x.Seq, err = r.Uint(name)
		case "time":
			var ms int64
			ms, err = r.Int(name)
			x.Time = event.Millis(ms)
		case "experiment":
			x.Experiment, err = r.String(name)
		case "variant":
			x.Variant, err = r.String(name)
		case "phase":
			var phase int64
			phase, err = r.Int(name)
			x.Phase = phaseOf(phase)
		case "unit":
			x.Unit, err = r.String(name)
		case "unit_id":
			x.UnitID, err = r.String(name)
		case "revision":
			x.Revision, err = r.Uint(name)
		case "override":
			x.Override, err = r.Bool(name)
		default:
			err = r.Skip()
		}
		return err
	})
}

// phaseOf returns a phase as an int, or 0, which is no phase, if it is beyond.
func phaseOf(n int64) int {
	if n != int64(int32(n)) {
		return 0
	}
	return int(n)
}
