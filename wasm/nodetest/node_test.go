package nodetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"

	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// node is a Node process that runs the harness with the committed core.
type node struct {
	in     io.WriteCloser
	out    io.Reader
	errors bytes.Buffer
}

const (
	corePath = "../core.wasm"
	decide   = 1
	load     = 0
	all      = 1<<32 - 1 // instead of an experiment
)

// start skips the test where there is no Node.
func start(t *testing.T) *node {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NODE IS NOT INSTALLED: the core was not compared with itself in Node; install Node 18 or later")
	}
	n := new(node)
	cmd := exec.Command(path, "harness.mjs", corePath)
	cmd.Stderr = &n.errors
	if n.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if n.out, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closing := n.in.Close()
		if err := errors.Join(closing, cmd.Wait()); err != nil {
			t.Errorf("node: %v\n%s", err, n.errors.Bytes())
		}
	})
	return n
}

// call sends a frame and reads the reply.
func (n *node) call(kind byte, body []byte) ([]byte, error) {
	frame := binary.LittleEndian.AppendUint32(nil, uint32(1+len(body)))
	frame = append(append(frame, kind), body...)
	if _, err := n.in.Write(frame); err != nil {
		return nil, fmt.Errorf("write to node: %w", err)
	}
	var size [4]byte
	if _, err := io.ReadFull(n.out, size[:]); err != nil {
		return nil, fmt.Errorf("read from node: %w", err)
	}
	reply := make([]byte, binary.LittleEndian.Uint32(size[:]))
	_, err := io.ReadFull(n.out, reply)
	return reply, err
}

func (n *node) load(payload []byte) error {
	reply, err := n.call(load, payload)
	if err != nil {
		return err
	}
	if status := assign.Status(binary.LittleEndian.Uint32(reply)); status != assign.OK {
		return status
	}
	return nil
}

// batch is a list of decisions to ask for at once.
type batch struct{ body []byte }

func (b *batch) add(experiment uint32, request []byte) {
	b.body = binary.LittleEndian.AppendUint32(b.body, experiment)
	b.body = binary.LittleEndian.AppendUint32(b.body, uint32(len(request)))
	b.body = append(b.body, request...)
}

// answer is what one decision came to.
type answer struct {
	status  assign.Status
	records []byte
}

func (n *node) decide(b batch) ([]answer, error) {
	reply, err := n.call(decide, b.body)
	if err != nil {
		return nil, err
	}
	var answers []answer
	for len(reply) > 0 {
		count := int32(binary.LittleEndian.Uint32(reply))
		reply = reply[4:]
		if count < 0 {
			answers = append(answers, answer{status: assign.Status(-count)})
			continue
		}
		size := int(count) * abi.RecordSize
		answers = append(answers, answer{records: reply[:size:size]})
		reply = reply[size:]
	}
	return answers, nil
}
