package reload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// quarantine remembers, across restarts, which payloads failed to activate, so that they are not
// tried again. An entry stays until another build of the host runs: the payload never changes, and
// only another program may be able to load it.
//
// It is stored in two files of the state directory. The file of failures is durable. The file of
// the trial says which payload is being activated, in case that kills the process. It has to
// survive the process, but not a crash of the machine.
type quarantine struct {
	directory string // "" remembers until the restart
	disk      durable.Disk
	program   bundle.Hash

	failures []failure // oldest first
	trial    failure   // Times is how often the process has started it without an end
}

// pair is a payload and the core that it is activated with.
type pair struct {
	Payload bundle.Hash `json:"payload"` // raw
	Core    bundle.Hash `json:"core"`
}

// failure counts the failures of a pair. Error is the latest error.
type failure struct {
	pair
	Times int    `json:"times"`
	Error string `json:"error"`
}

// quarantineFile is the content of both files. It is valid only for the program that wrote it.
type quarantineFile struct {
	Program  bundle.Hash `json:"program"`
	Failures []failure   `json:"failures"`
}

const (
	// maxActivations is how often a pair is tried. The second time is for failures that were
	// temporary.
	maxActivations = 2

	// maxDeaths is how often a pair is tried if the process dies during its activation. It is
	// one more than maxActivations, because something else may have killed the process.
	maxDeaths = 3

	// maxFailures bounds the failures that are remembered. The oldest are forgotten first.
	maxFailures = 64

	// maxErrorLength bounds the text of an error, in bytes.
	maxErrorLength = 256

	// maxQuarantineSize bounds a file, in bytes. It has room for maxFailures, with errors in
	// which JSON escapes each byte as six.
	maxQuarantineSize = maxFailures * (6*maxErrorLength + 512)

	quarantineName = "quarantine.json" // below Config.StateDir
	trialName      = "trial.json"
)

var errQuarantined = errors.New("the bundle failed to activate, and is not tried again")

// newQuarantine reads the quarantine of an earlier process. If that fails, it returns an error and
// a usable quarantine without the entries that it could not read.
func newQuarantine(directory string, disk durable.Disk) (*quarantine, error) {
	q := &quarantine{directory: directory, disk: disk, program: thisProgram()}
	if directory == "" {
		return q, nil
	}
	failures, err := q.read(quarantineName)
	q.failures = failures
	trials, trialErr := q.read(trialName)
	if trialErr == nil && len(trials) == 1 {
		q.trial = trials[0]
	}
	return q, errors.Join(err, trialErr)
}

// thisProgram identifies the running program by its modules and build settings.
func thisProgram() bundle.Hash {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return bundle.Hash{}
	}
	return bundle.HashOf([]byte(info.String()))
}

// refuses returns errQuarantined, with the latest error, if the pair must not be tried again.
func (q *quarantine) refuses(p pair) error {
	for _, f := range q.failures {
		if f.pair == p && f.Times >= maxActivations {
			return fmt.Errorf("%w: %s", errQuarantined, f.Error)
		}
	}
	return nil
}

// count returns the number of pairs that are not tried again.
func (q *quarantine) count() (n int) {
	for _, f := range q.failures {
		if f.Times >= maxActivations {
			n++
		}
	}
	return n
}

// begin records that a pair is about to be tried. It returns errQuarantined if the process has died
// too often while it activated the pair.
func (q *quarantine) begin(p pair) error {
	if q.trial.pair != p {
		q.trial = failure{pair: p}
	}
	if q.trial.Times >= maxDeaths {
		err := fmt.Errorf("the process died %d times while activating it", q.trial.Times)
		q.add(failure{p, maxActivations, err.Error()})
		return errors.Join(fmt.Errorf("%w: %w", errQuarantined, err), q.save(), q.end())
	}
	q.trial.Times++
	return q.write(trialName, []failure{q.trial}, writeQuickly)
}

// end records that the process has survived the trial. It writes the same file in the same way as
// begin: if begin succeeded, end most likely succeeds too, and a later process does not mistake the
// trial for a crash.
func (q *quarantine) end() error {
	q.trial = failure{}
	return q.write(trialName, nil, writeQuickly)
}

// failed records that a trial failed.
func (q *quarantine) failed(p pair, cause error) error {
	f := failure{p, 1, cause.Error()}
	if len(f.Error) > maxErrorLength {
		f.Error = f.Error[:maxErrorLength]
	}
	q.add(f)
	return q.save()
}

// succeeded forgets an earlier failure of the pair.
func (q *quarantine) succeeded(p pair) error {
	n := len(q.failures)
	q.failures = slices.DeleteFunc(q.failures, func(f failure) bool { return f.pair == p })
	if len(q.failures) == n {
		return nil
	}
	return q.save()
}

func (q *quarantine) add(f failure) {
	q.failures = slices.DeleteFunc(q.failures, func(old failure) bool {
		if old.pair == f.pair {
			f.Times += old.Times
			return true
		}
		return false
	})
	q.failures = append(q.failures, f)
	q.failures = q.failures[max(0, len(q.failures)-maxFailures):]
}

func (q *quarantine) save() error { return q.write(quarantineName, q.failures, q.disk.Replace) }

func (q *quarantine) write(name string, failures []failure, replace func(string, []byte, fs.FileMode) error) error {
	if q.directory == "" {
		return nil
	}
	data, err := json.Marshal(quarantineFile{q.program, failures})
	if err != nil {
		return err
	}
	return replace(filepath.Join(q.directory, name), append(data, '\n'), stateFileMode)
}

// writeQuickly writes a file that does not have to survive a crash of the machine.
func writeQuickly(path string, data []byte, mode fs.FileMode) error {
	return os.WriteFile(path, data, mode)
}

// read returns the failures in a file. There are none if the file does not exist or another
// program wrote it.
func (q *quarantine) read(name string) ([]failure, error) {
	f, err := os.Open(filepath.Join(q.directory, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxQuarantineSize))
	if err != nil {
		return nil, err
	}
	var file quarantineFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	if file.Program != q.program {
		return nil, nil
	}
	return file.Failures[max(0, len(file.Failures)-maxFailures):], nil
}
