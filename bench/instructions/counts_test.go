package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadListing(t *testing.T) {
	const listing = `
1,234,000 (60.00%)  ???:github.com/sortition-dev/sortition/wasm/assign.(*Engine).begin [/tmp/bench]
  800,000 (38.90%)  ???:0x0000000004c51a40 [???]
   22,000 ( 1.10%)  ???:runtime.mallocgc'2 [/tmp/bench]
`
	var b bytes.Buffer
	readListing([]byte(listing), map[uint64]string{0x4c51a40: "wasm: begin"}).write(&b, 1000, 20)
	const want = `     2056        instructions for one operation
     1234  60.0%  wasm/assign.(*Engine).begin
      800  38.9%  wasm: begin
       22   1.1%  runtime.mallocgc
`
	if b.String() != want {
		t.Errorf("got\n%s\nnot\n%s", &b, want)
	}
}

func TestParseSubject(t *testing.T) {
	for _, o := range counted {
		for _, c := range columns {
			if _, err := parseSubject(o.work + "/" + c); err != nil {
				t.Error(err)
			}
		}
	}
	for _, name := range []string{"", "W1", "W1/", "W3/native", "W1/node"} {
		if _, err := parseSubject(name); err == nil {
			t.Errorf("%q is a benchmark", name)
		}
	}
}

func TestSkippedGoalsSaySo(t *testing.T) {
	var b bytes.Buffer
	if err := writeSkipped(&b, "valgrind is not installed"); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if !strings.Contains(got, "\nNOT MEASURED: valgrind is not installed\n") || strings.Contains(got, "reached") || strings.Contains(got, "NaN") {
		t.Errorf("it prints:\n%s", got)
	}
}
