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

// quarantine remembers, across restarts, what could not be put into use, so that it is
// not tried for ever. What is in it stays there until the host runs another program:
// the payload does not change, and only a corrected host can make more of it.
//
// It is kept in two files of the state directory. The failures are durable. The trial,
// which says what is about to be tried, is not: it is to outlive the process, for a
// payload that takes the whole process down, and not the machine.
type quarantine struct {
	directory string // "" remembers until the restart
	disk      durable.Disk
	program   bundle.Hash

	failures []failure // oldest first
	trial    failure   // Times is how often the process died in it
}

// pair is a payload with the core that it is tried with.
type pair struct {
	Payload bundle.Hash `json:"payload"` // raw
	Core    bundle.Hash `json:"core"`
}

// failure says how often a pair failed, and with what last.
type failure struct {
	pair
	Times int    `json:"times"`
	Error string `json:"error"`
}

// quarantineFile is what the files hold. They count for the program that wrote them.
type quarantineFile struct {
	Program  bundle.Hash `json:"program"`
	Failures []failure   `json:"failures"`
}

const (
	// maxActivations is how often a pair is tried that fails: once more, in case it was
	// the moment's fault.
	maxActivations = 2

	// maxDeaths is how often a pair is tried in whose activation the process died. Once
	// more than maxActivations, because a process also dies of other things.
	maxDeaths = 3

	// maxFailures bounds what is remembered; the oldest is forgotten first. A publisher
	// that signs as many payloads that hosts cannot use has other troubles.
	maxFailures = 64

	// maxErrorLength bounds what is remembered of an error, in bytes.
	maxErrorLength = 256

	// maxQuarantineSize is more than maxFailures take, in bytes: escaped, a byte of an
	// error takes six at most.
	maxQuarantineSize = maxFailures * (6*maxErrorLength + 512)

	quarantineName = "quarantine.json" // below Config.StateDir
	trialName      = "trial.json"
)

var errQuarantined = errors.New("it failed to activate, and is not tried again")

// newQuarantine reads what a process before remembered. What cannot be read is
// forgotten; the error says so, and the quarantine can be used all the same.
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

// thisProgram identifies the program that runs, by its modules and its build.
func thisProgram() bundle.Hash {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return bundle.Hash{}
	}
	return bundle.HashOf([]byte(info.String()))
}

// refuses returns errQuarantined, with what went wrong, if the pair is not to be tried.
func (q *quarantine) refuses(p pair) error {
	for _, f := range q.failures {
		if f.pair == p && f.Times >= maxActivations {
			return fmt.Errorf("%w: %s", errQuarantined, f.Error)
		}
	}
	return nil
}

// count is the number of pairs that are not tried any more.
func (q *quarantine) count() (n int) {
	for _, f := range q.failures {
		if f.Times >= maxActivations {
			n++
		}
	}
	return n
}

// begin notes that a pair is about to be tried. The error is errQuarantined if the
// process has died of it too often.
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

// end notes that the process has survived the trial. It does so as begin noted it: a disk
// that lets the one happen lets the other, and nobody takes it for dead who was not.
func (q *quarantine) end() error {
	q.trial = failure{}
	return q.write(trialName, nil, writeQuickly)
}

// failed notes that a trial failed.
func (q *quarantine) failed(p pair, cause error) error {
	f := failure{p, 1, cause.Error()}
	if len(f.Error) > maxErrorLength {
		f.Error = f.Error[:maxErrorLength]
	}
	q.add(f)
	return q.save()
}

// succeeded forgets a failure that did not happen again.
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

// writeQuickly writes a file that need not survive the machine.
func writeQuickly(path string, data []byte, mode fs.FileMode) error {
	return os.WriteFile(path, data, mode)
}

// read returns the failures in a file, none if there is no file or if it is another
// program's.
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
