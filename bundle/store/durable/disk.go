package durable

import "os"

// Op is a step of writing to a disk.
type Op string

// The steps of replacing a file, in order, and of removing one.
const (
	OpWrite         Op = "write" // the bytes, under a temporary name
	OpSync          Op = "sync"  // the bytes
	OpName          Op = "name"  // rename the temporary file
	OpSyncDirectory Op = "sync directory"
	OpRemove        Op = "remove"
)

// Disk writes files. The zero value writes to the file system; tests make steps fail.
type Disk struct {
	// Before runs before each step, with the path of the file or directory to write. If it
	// returns an error, the step fails with that error; OpWrite then writes half of the
	// bytes. To simulate a crash, let every step fail from some moment on.
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
