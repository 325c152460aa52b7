package durable

import "os"

// Op is a step of writing to a disk.
type Op string

// The steps of replacing a file, in their order, and removing one.
const (
	OpWrite         Op = "write" // the bytes, under a temporary name
	OpSync          Op = "sync"  // the bytes
	OpName          Op = "name"  // the temporary file as what it is to be
	OpSyncDirectory Op = "sync directory"
	OpRemove        Op = "remove"
)

// Disk is where files are written. The zero value is the machine's; tests make it fail.
type Disk struct {
	// Before runs before a step, with the name of the file or directory that is to be
	// written. If it returns an error the step fails with it, a write after half of the
	// bytes. A disk of which every step fails from some moment on is left as a machine
	// leaves it that stops at that moment.
	Before func(op Op, path string) error
}

func (d Disk) do(op Op, path string, step func() error) error {
	if d.Before != nil {
		if err := d.Before(op, path); err != nil {
			return err
		}
	}
	return step()
}

func (d Disk) write(f *os.File, path string, data []byte) error {
	err := d.do(OpWrite, path, func() error { return nil })
	if err != nil {
		data = data[:len(data)/2]
	}
	if _, failed := f.Write(data); failed != nil {
		return failed
	}
	return err
}

// Remove removes a file.
func (d Disk) Remove(path string) error {
	return d.do(OpRemove, path, func() error { return os.Remove(path) })
}
